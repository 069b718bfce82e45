-- A team ends a week after its owner asked for it, once its leads and all else are in an export. What people
-- made stays theirs; what was done, and whom was written to, stays with a team that nobody enters any more.

alter table public.teams
    add column deletion_requested_at timestamptz,
    add column closed_at timestamptz,
    add constraint teams_personal_stays check (not is_personal or deletion_requested_at is null);
comment on column public.teams.deletion_requested_at is 'When its owner asked for its end, which is a week later';
comment on column public.teams.closed_at is 'When it ended: its row stays for what was done in it';
create index teams_ending on public.teams (deletion_requested_at)
where deletion_requested_at is not null and closed_at is null;
call access.guard('teams', '{deletion_requested_at, closed_at}');
-- The tables end no team at once: that would take its people and their voices along, unasked.
update access.scopes set commands = '{select, insert, update}' where table_name = 'teams';
call access.apply('teams');

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
        where t.owner_id = caller and t.closed_at is null and (bound is null or t.id = bound)
        union
        select p.team_id from public.team_profiles as p
        join public.teams as t on t.id = p.team_id and t.closed_at is null
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
        where t.owner_id = caller and t.closed_at is null and (bound is null or t.id = bound)
    );
    perform pg_catalog.set_config('access.owned_team_ids', answer::text, true);
    return answer;
end
$$;

drop trigger drop_answers on public.teams;
create trigger drop_answers after insert or delete or update of owner_id, closed_at on public.teams
for each statement execute function access.drop_answers_on_change();

create or replace view public.team_access with (security_invoker = true) as
select t.id as team_id, t.owner_id as user_id, 'owner' as role, 'ownership' as via
from public.teams as t
where t.closed_at is null
union all
select p.team_id, p.user_id, p.role, 'profile'
from public.team_profiles as p
join public.teams as t on t.id = p.team_id
where p.status = 'active' and p.user_id is not null and p.user_id <> t.owner_id and t.closed_at is null
union all
select t.id, m.member_id, 'catalogue', 'invitation'
from public.team_members as m
join public.teams as t on t.owner_id = m.owner_id
where m.status = 'active' and m.member_id is not null and t.closed_at is null;

create function platform.close_team(team uuid) returns void
language plpgsql
set search_path = ''
as $$
declare
    held record;
begin
    -- What people made there is theirs again.
    for held in
        select r.* from platform.references_to('teams') as r where r.on_delete = 'n' and not r.is_needed
    loop
        execute pg_catalog.format(
            'update public.%1$I set %2$I = null where %2$I = $1', held.table_name, held.column_name
        ) using team;
    end loop;
    perform platform.remove_rows(held_by.name, 'team_id = $1 and $2 is not null', team, '{}')
    from (values ('team_domains'), ('team_email_domains')) as held_by (name);
    delete from storage.objects as o
    where o.bucket_id = any (access.folder_bucket_ids())
        and (storage.foldername(o.name))[1] = team::text;
    if platform.remove_rows('teams', 'id = $1 and $2 is not null', team, '{}') > 0 then
        return;
    end if;
    delete from public.api_keys as k where k.bound_team_id = team;
    update public.team_profiles as p
    set user_id = null, email = null, status = 'removed', is_default = false
    where p.team_id = team;
    update public.teams as t
    set name = 'Deleted workspace', description = null, industry = null, target_audience = null,
        shared_goal = null, custom_site_name = null, custom_email_sender_name = null,
        custom_from_email = null, custom_favicon_url = null, closed_at = pg_catalog.now()
    where t.id = team;
end
$$;
comment on function platform.close_team(uuid) is
    'Ends a team: its people leave, what they made is theirs, and its history keeps a row without a name';
grant execute on function platform.close_team(uuid) to service_role;
