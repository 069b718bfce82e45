-- Broadcasts: whom they go to, when, in which of two wordings, and how far they have come.

alter table public.email_broadcasts
drop constraint email_broadcasts_status_check,
add constraint email_broadcasts_status_check check (
    status in ('draft', 'scheduled', 'sending', 'paused', 'sent', 'failed', 'cancelled')),
add column preheader text check (char_length(preheader) <= 200 and preheader !~ '[\r\n]'),
add column segment_id uuid references public.email_segments (id) on delete set null,
add column segment_filter jsonb check (jsonb_typeof(segment_filter) = 'object'),
add column subject_b text check (char_length(subject_b) <= 500 and subject_b !~ '[\r\n]'),
add column body_b text,
add column test_percent integer not null default 0 check (test_percent between 0 and 100),
add column winner_by text not null default 'opened' check (winner_by in ('opened', 'clicked')),
add column winner_after_hours integer not null default 4 check (winner_after_hours between 1 and 72),
add column winner text check (winner in ('a', 'b')),
add column winner_picked_at timestamptz,
add column holdout_percent integer not null default 0 check (holdout_percent between 0 and 50),
add column scheduled_at timestamptz,
add column started_at timestamptz,
add column expanded_at timestamptz,
add column run_id uuid,
add column from_name text check (from_name !~ '[\r\n]'),
add column from_email text check (from_email !~ '[\r\n]'),
add column reply_to_email text check (reply_to_email !~ '[\r\n]'),
add constraint email_broadcasts_scheduled_when check (status <> 'scheduled' or scheduled_at is not null);
comment on column public.email_broadcasts.segment_filter is
    'Whom it goes to, as email_segments.filter; null, without a segment: audience_filter decides';
comment on column public.email_broadcasts.subject_b is 'The other wording of a test; null: no test of subjects';
comment on column public.email_broadcasts.body_b is 'The other body of a test; null: the same body';
comment on column public.email_broadcasts.test_percent is
    'How much of the audience is asked, half with each wording, before the rest gets the better one; '
    '0 or 100: everybody at once';
comment on column public.email_broadcasts.winner_by is 'What the better wording has more of';
comment on column public.email_broadcasts.holdout_percent is
    'How much of the audience gets nothing on purpose, for comparison';
comment on column public.email_broadcasts.expanded_at is 'When its recipients were written into the outbox';
comment on column public.email_broadcasts.run_id is
    'The run that sends it now; an earlier one that comes back to life stops';
create index on public.email_broadcasts (segment_id);
create index on public.email_broadcasts (scheduled_at) where status = 'scheduled';
insert into access.transitions (table_name, column_name, from_state, to_state) values
    ('email_broadcasts', 'status', 'draft', 'scheduled'),
    ('email_broadcasts', 'status', 'scheduled', 'draft'),
    ('email_broadcasts', 'status', 'scheduled', 'sending'),
    ('email_broadcasts', 'status', 'sending', 'paused'),
    ('email_broadcasts', 'status', 'paused', 'sending'),
    ('email_broadcasts', 'status', 'paused', 'cancelled'),
    ('email_broadcasts', 'status', 'sending', 'cancelled');

drop trigger keep_content on public.email_broadcasts;
create trigger keep_content before update on public.email_broadcasts
for each row when (
    old.status <> 'draft'
    and (
        old.subject, old.body, old.audience_filter, old.team_id, old.preheader, old.segment_filter,
        old.subject_b, old.body_b, old.test_percent, old.holdout_percent)
    is distinct from (
        new.subject, new.body, new.audience_filter, new.team_id, new.preheader, new.segment_filter,
        new.subject_b, new.body_b, new.test_percent, new.holdout_percent))
execute function platform.keep_sent_broadcast();

alter table public.email_outbox
add column variant text check (variant in ('a', 'b')),
add column merge_fields jsonb check (jsonb_typeof(merge_fields) = 'object'),
add column claim_id uuid;
comment on column public.email_outbox.variant is
    'Which wording of a broadcast; null: waits for the result of the test';
comment on column public.email_outbox.merge_fields is
    'What the recipient''s name and the like were when a broadcast was started. Such a message has no '
    'text of its own: it is the broadcast''s, filled with these';
comment on column public.email_outbox.claim_id is
    'The handful of messages with which it was taken to be sent; a provider knows the handful by it';
create index on public.email_outbox (claim_id) where status = 'sending' and claim_id is not null;

call access.guard('email_broadcasts', '{
    winner, winner_picked_at, started_at, expanded_at, run_id}');
call access.apply('email_broadcasts');
call access.secret('email_outbox', '{merge_fields}');
call access.apply('email_outbox');
