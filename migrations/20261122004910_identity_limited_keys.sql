-- What a key may not do in the product it may not do at the tables: without the scope admin it leaves the
-- account alone, its teams, people and keys; and bound to a team it changes no other, nor the account.

create function access.refuse_limited_key() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    held constant jsonb := pg_catalog.to_jsonb(case when tg_op = 'DELETE' then old else new end);
    bound constant uuid := access.bound_team_id();
begin
    if auth.jwt() ->> 'key_scope' = 'write' then
        raise exception 'This takes a key with the scope admin.' using errcode = '42501';
    end if;
    if bound is not null and (held ->> tg_argv[0])::uuid is distinct from bound then
        raise exception 'This key works in one team alone.' using errcode = '42501';
    end if;
    return coalesce(new, old);
end
$$;
comment on function access.refuse_limited_key() is
    'Row trigger: refuses keys that are too narrow; its argument names the column of the team';

create trigger a_limited_key before insert or update or delete on public.teams for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('id');
create trigger a_limited_key before insert on public.team_profiles for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('team_id');
create trigger a_limited_key before insert or update or delete on public.team_members for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('team_id');
create trigger a_limited_key before delete on public.api_keys for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('bound_team_id');
create trigger a_limited_key before update of username on public.users for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('team_id');
create trigger a_limited_key before delete on public.former_usernames for each row
when (current_user = 'authenticated') execute function access.refuse_limited_key('team_id');
