-- A broadcast is sent by one run at a time: it shows signs of life, and another takes over when they end.

alter table public.email_broadcasts add column run_seen_at timestamptz;
comment on column public.email_broadcasts.run_seen_at is
    'The last sign of life of the run; half a minute later another may take over';
call access.guard('email_broadcasts', '{run_seen_at}');
call access.apply('email_broadcasts');
