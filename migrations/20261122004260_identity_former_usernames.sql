-- Names that accounts had: links that are out there lead on, and nobody else takes such a name.

create table public.former_usernames (
    username text primary key check (username = lower(username)),
    user_id uuid not null references public.users (id) on delete cascade,
    created_at timestamptz not null default now()
);
comment on table public.former_usernames is
    'Public names that an account had before: pages under them lead to its name of today';
comment on column public.former_usernames.created_at is 'When the account took another name';
create index on public.former_usernames (user_id);
call access.owner('former_usernames', commands => '{select, delete}');
call access.written_by('former_usernames', 'magnetlab', 'identity');

-- After the row, not before it: an account that waits for a name to come free sees who keeps it.
create function platform.keep_former_username() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    most constant integer := 10;
begin
    if exists (
        select from public.former_usernames as f
        where f.username = lower(new.username) and f.user_id <> new.id
    ) then
        raise exception 'This name is taken.'
            using errcode = 'unique_violation', constraint = 'users_username_key', table = 'users';
    end if;
    delete from public.former_usernames as f
    where f.username = lower(new.username) and f.user_id = new.id;
    if tg_op = 'UPDATE' and lower(old.username) <> coalesce(lower(new.username), '') then
        insert into public.former_usernames (username, user_id) values (lower(old.username), new.id);
        if (
            select pg_catalog.count(*) from public.former_usernames as f where f.user_id = new.id
        ) > most then
            raise exception 'An account keeps at most % earlier names: let one go first.', most
                using errcode = 'check_violation', constraint = 'former_usernames_most', table = 'users';
        end if;
    end if;
    return null;
end
$$;
comment on function platform.keep_former_username() is
    'Row trigger: an account keeps its earlier names, so that links to its pages stay good';
create trigger keep_former_username after insert or update of username on public.users
for each row execute function platform.keep_former_username();

create function platform.find_current_username(former text) returns text
language sql stable security definer
set search_path = ''
as $$
    select u.username
    from public.former_usernames as f
    join public.users as u on u.id = f.user_id
    where f.username = lower(former)
$$;
comment on function platform.find_current_username(text) is
    'The name of today of the account that once had this one';
grant execute on function platform.find_current_username(text) to service_role, svc_magnetlab;
