-- What a key may do, for how long, how often, and in which team.

alter table public.api_keys
    add column scopes text[] not null default '{read,write}'
        constraint api_keys_scopes_known
            check (scopes <@ array['read', 'write', 'admin'] and 'read' = any (scopes)),
    add column bound_team_id uuid references public.teams (id) on delete cascade,
    add column expires_at timestamptz,
    add column revoked_at timestamptz,
    add column requests_per_minute integer not null default 300
        constraint api_keys_requests_per_minute_range check (requests_per_minute between 1 and 1000);
comment on column public.api_keys.scopes is
    'read asks, write changes too, admin manages the account, its keys, people and plan too';
comment on column public.api_keys.bound_team_id is
    'The one team that the key works in; null for all of its account''s. It goes with the team';
comment on column public.api_keys.expires_at is 'When the key stops working; null for never';
comment on column public.api_keys.revoked_at is 'When somebody ended it; is_active is false from then on';
comment on column public.api_keys.last_used_at is 'To the minute, noted after the request';
create index on public.api_keys (bound_team_id);
call access.apply('api_keys');

-- A key that is bound to a team leaves the account's other teams out of reach, in the database's sight too.

create function access.bound_team_id() returns uuid
language sql stable parallel safe
set search_path = ''
as $$ select nullif(auth.jwt() ->> 'bound_team_id', '')::pg_catalog.uuid $$;
comment on function access.bound_team_id() is 'The one team that the key of this request works in, if it is bound';
grant execute on function access.bound_team_id() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create or replace function access.team_ids() returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
declare
    claims constant text := coalesce(pg_catalog.current_setting('request.jwt.claims', true), '');
    caller uuid;
    bound uuid;
    kept text;
    answer uuid[];
begin
    if pg_catalog.current_setting('access.answered_for', true) = claims then
        kept := pg_catalog.current_setting('access.team_ids', true);
        if kept <> '' then
            return kept::uuid[];
        end if;
    elsif pg_catalog.current_setting('access.answered_for', true) <> '' then
        perform access.drop_answers(claims);
    else
        perform pg_catalog.set_config('access.answered_for', claims, true);
    end if;
    caller := auth.uid();
    bound := nullif(auth.jwt() ->> 'bound_team_id', '')::pg_catalog.uuid;
    answer := array(
        select t.id from public.teams as t
        where t.owner_id = caller and (bound is null or t.id = bound)
        union
        select p.team_id from public.team_profiles as p
        where p.user_id = caller and p.status = 'active' and (bound is null or p.team_id = bound)
    );
    perform pg_catalog.set_config('access.team_ids', answer::text, true);
    return answer;
end
$$;

create or replace function access.owned_team_ids() returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
declare
    claims constant text := coalesce(pg_catalog.current_setting('request.jwt.claims', true), '');
    caller uuid;
    bound uuid;
    kept text;
    answer uuid[];
begin
    if pg_catalog.current_setting('access.answered_for', true) = claims then
        kept := pg_catalog.current_setting('access.owned_team_ids', true);
        if kept <> '' then
            return kept::uuid[];
        end if;
    elsif pg_catalog.current_setting('access.answered_for', true) <> '' then
        perform access.drop_answers(claims);
    else
        perform pg_catalog.set_config('access.answered_for', claims, true);
    end if;
    caller := auth.uid();
    bound := nullif(auth.jwt() ->> 'bound_team_id', '')::pg_catalog.uuid;
    answer := array(
        select t.id from public.teams as t
        where t.owner_id = caller and (bound is null or t.id = bound)
    );
    perform pg_catalog.set_config('access.owned_team_ids', answer::text, true);
    return answer;
end
$$;
