-- A token that was checked is trusted for a while without asking again: word to every process when that ends.

create function platform.notify_access_ended() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_catalog.pg_notify(
        'access_ended', case when tg_op = 'DELETE' then old.id else new.id end::text);
    return null;
end
$$;
comment on function platform.notify_access_ended() is
    'Row trigger: tells every process whose access ended, by the id of the session or the account';

create trigger notify_access_ended after delete on public.user_sessions
for each row when (old.expires_at > now()) execute function platform.notify_access_ended();
create trigger notify_access_ended after update of banned_until, deleted_at on public.users
for each row when (
    old.banned_until is distinct from new.banned_until or old.deleted_at is distinct from new.deleted_at
)
execute function platform.notify_access_ended();
