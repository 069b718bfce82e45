alter table public.email_broadcasts
    add column design_id uuid references public.email_designs (id) on delete set null;
comment on column public.email_broadcasts.design_id is 'How the mail looks; null for plain words in the brand''s colours';
create index on public.email_broadcasts (design_id);
call access.apply('email_broadcasts');
