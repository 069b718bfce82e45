-- The super-admin area: the audit of what admins do, suspended accounts (users.banned_until), and sessions
-- in which an admin looks with another person's eyes.

create table public.admin_audit_log (
    id uuid primary key default gen_random_uuid(),
    actor_id uuid references public.users (id) on delete restrict,
    service_id text,
    subject_id uuid references public.users (id) on delete restrict,
    action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
    details jsonb not null default '{}'::jsonb check (jsonb_typeof(details) = 'object'),
    created_at timestamptz not null default clock_timestamp()
);
comment on table public.admin_audit_log is
    'What super admins and calling services did to accounts and to the installation; never changed';
comment on column public.admin_audit_log.actor_id is 'The super admin who acted; null for a service or a clock';
comment on column public.admin_audit_log.service_id is 'The service that acted, where it was one';
comment on column public.admin_audit_log.subject_id is 'The account that it was done to';
create index on public.admin_audit_log (created_at desc, id);
create index on public.admin_audit_log (actor_id, created_at desc);
create index on public.admin_audit_log (subject_id, created_at desc);

create function platform.refuse_change_of_history() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'What was recorded stays as it is: %.', tg_table_name
        using errcode = 'LS409', table = tg_table_name;
end
$$;
comment on function platform.refuse_change_of_history() is 'Trigger of tables that only grow';
create trigger keep_history before update or delete on public.admin_audit_log
for each row execute function platform.refuse_change_of_history();
create trigger keep_all_history before truncate on public.admin_audit_log
for each statement execute function platform.refuse_change_of_history();

call access.service_only('admin_audit_log');
call access.written_by('admin_audit_log', 'magnetlab', 'identity');

alter table public.user_sessions
    add column acting_as_user_id uuid references public.users (id) on delete cascade,
    add column acting_until timestamptz,
    add column acting_may_write boolean not null default false,
    add constraint user_sessions_acting_whole
        check ((acting_as_user_id is null) = (acting_until is null)),
    add constraint user_sessions_acting_writes
        check (acting_as_user_id is not null or not acting_may_write);
comment on column public.user_sessions.acting_as_user_id is
    'The account with whose eyes the super admin of this session looks';
comment on column public.user_sessions.acting_until is 'When that look ends, 30 minutes after it began at most';
comment on column public.user_sessions.acting_may_write is
    'Whether the super admin confirmed that they will change things in that look';
create index on public.user_sessions (acting_as_user_id);
call access.apply('user_sessions');

create function platform.refuse_closed_account() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if exists (
        select from public.users as u
        where u.id = new.user_id and (u.banned_until > pg_catalog.now() or u.deleted_at is not null)
    ) then
        raise exception 'This account is suspended. Write to whoever runs this installation.'
            using errcode = 'LS403', table = tg_table_name;
    end if;
    return new;
end
$$;
comment on function platform.refuse_closed_account() is
    'However somebody signs in, no session opens for an account that is suspended or deleted';
create trigger refuse_closed_account before insert on public.user_sessions
for each row execute function platform.refuse_closed_account();

create function platform.refuse_improper_view() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if not exists (
        select from public.users as u where u.id = new.user_id and u.is_super_admin
    ) or exists (
        select from public.users as u
        where u.id = new.acting_as_user_id
            and (u.is_super_admin or u.deleted_at is not null or u.id = new.user_id)
    ) then
        raise exception 'Only a super admin looks with another''s eyes, and never with a super admin''s.'
            using errcode = 'LS403', table = tg_table_name;
    end if;
    if new.acting_until > pg_catalog.now() + interval '30 minutes' then
        raise exception 'Such a look lasts 30 minutes at most.'
            using errcode = 'LS403', table = tg_table_name;
    end if;
    return new;
end
$$;
comment on function platform.refuse_improper_view() is 'Who may look with whose eyes, and how long';
create trigger refuse_improper_view before insert or update of acting_as_user_id, acting_until
on public.user_sessions for each row when (new.acting_as_user_id is not null)
execute function platform.refuse_improper_view();

-- Somebody who becomes a super admin is looked at no more, and who stops being one stops looking; whoever
-- is suspended or deleted is signed out everywhere.
create function platform.end_sessions_of_changed_account() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if new.banned_until > pg_catalog.now() or new.deleted_at is not null then
        delete from public.user_sessions as s where s.user_id = new.id;
    end if;
    update public.user_sessions as s
    set acting_as_user_id = null, acting_until = null, acting_may_write = false
    where s.acting_as_user_id = new.id and (new.is_super_admin or new.deleted_at is not null)
        or s.user_id = new.id and s.acting_as_user_id is not null and not new.is_super_admin;
    return null;
end
$$;
comment on function platform.end_sessions_of_changed_account() is
    'Ends what a session may no longer do once its account is suspended, deleted, or changes its rank';
create trigger end_sessions after update of banned_until, deleted_at, is_super_admin on public.users
for each row when (
    old.banned_until is distinct from new.banned_until
    or old.deleted_at is distinct from new.deleted_at
    or old.is_super_admin is distinct from new.is_super_admin
)
execute function platform.end_sessions_of_changed_account();

-- Two admins who dismiss each other at once must not leave none.
create function platform.refuse_last_super_admin_leaving() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('the last super admin', 0));
    if not exists (
        select from public.users as u
        where u.id <> new.id and u.is_super_admin and u.deleted_at is null
            and coalesce(u.banned_until <= pg_catalog.now(), true)
    ) then
        raise exception 'This is the last super admin. Make somebody else one first.'
            using errcode = 'LS409', table = tg_table_name, column = 'is_super_admin';
    end if;
    return new;
end
$$;
comment on function platform.refuse_last_super_admin_leaving() is
    'An installation keeps a super admin who can sign in';
create trigger keep_a_super_admin before update of is_super_admin, banned_until, deleted_at on public.users
for each row when (
    old.is_super_admin and old.deleted_at is null
    and (not new.is_super_admin or new.banned_until > pg_catalog.now() or new.deleted_at is not null)
)
execute function platform.refuse_last_super_admin_leaving();
