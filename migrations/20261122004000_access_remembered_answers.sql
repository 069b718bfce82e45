-- Whose teams, and which tenant: every table of a statement asks, so the answer is kept for the transaction.
--
-- Answers live in transaction-local settings, beside the claims that they were given for, and are dropped
-- when a row changes that they were read from. Whoever could write these settings could write the claims.

create function access.drop_answers(claims text) returns void
language sql volatile
set search_path = ''
as $$
    select
        pg_catalog.set_config('access.team_ids', '', true),
        pg_catalog.set_config('access.owned_team_ids', '', true),
        pg_catalog.set_config('access.tenant_id', '', true),
        pg_catalog.set_config('access.answered_for', claims, true)
$$;
comment on function access.drop_answers(text) is
    'Begin anew with what is remembered of whoever acts, for these claims';

create function access.drop_answers_on_change() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform access.drop_answers('');
    return null;
end
$$;
comment on function access.drop_answers_on_change() is
    'Statement trigger: teams, their people or a tenant''s people have changed';

create or replace function access.team_ids() returns uuid[]
language plpgsql stable security definer
set search_path = ''
as $$
declare
    claims constant text := coalesce(pg_catalog.current_setting('request.jwt.claims', true), '');
    kept text;
    caller uuid;
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
    answer := array(
        select t.id from public.teams as t where t.owner_id = caller
        union
        select p.team_id from public.team_profiles as p
        where p.user_id = caller and p.status = 'active'
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
    kept text;
    caller uuid;
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
    answer := array(select t.id from public.teams as t where t.owner_id = caller);
    perform pg_catalog.set_config('access.owned_team_ids', answer::text, true);
    return answer;
end
$$;

create or replace function public.auth_tenant_id() returns uuid
language plpgsql stable security definer
set search_path = ''
as $$
declare
    claims constant text := coalesce(pg_catalog.current_setting('request.jwt.claims', true), '');
    kept text;
    answer uuid;
begin
    if pg_catalog.current_setting('access.answered_for', true) = claims then
        kept := pg_catalog.current_setting('access.tenant_id', true);
        if kept <> '' then
            return nullif(kept, 'none')::uuid;
        end if;
    elsif pg_catalog.current_setting('access.answered_for', true) <> '' then
        perform access.drop_answers(claims);
    else
        perform pg_catalog.set_config('access.answered_for', claims, true);
    end if;
    answer := coalesce(
        nullif(auth.jwt() ->> 'tenant_id', '')::uuid,
        (select p.tenant_id from public.profiles as p where p.id = auth.uid())
    );
    perform pg_catalog.set_config('access.tenant_id', coalesce(answer::text, 'none'), true);
    return answer;
end
$$;

create trigger drop_answers after insert or delete or update of owner_id on public.teams
for each statement execute function access.drop_answers_on_change();
create trigger drop_answers after insert or delete or update of user_id, team_id, status
on public.team_profiles for each statement execute function access.drop_answers_on_change();
create trigger drop_answers after insert or delete or update of id, tenant_id on public.profiles
for each statement execute function access.drop_answers_on_change();
