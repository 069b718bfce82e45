-- What Supabase has and plain PostgreSQL lacks, created only where it is missing: the API roles, the
-- four writer roles, the schemas, and the functions that read the caller's claims.

create extension if not exists vector;

do $roles$
declare
    name text;
begin
    foreach name in array array[
        'anon', 'authenticated', 'service_role',
        'svc_magnetlab', 'svc_gtm_system', 'svc_leadmagnet_backend', 'svc_copy_of_gtm_os'
    ]
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = name) then
            begin
                execute pg_catalog.format('create role %I nologin noinherit', name);
            exception when duplicate_object or unique_violation then
                null; -- Roles belong to the server: another database of it made the role meanwhile.
            end;
        end if;
        -- A superuser may become any role; everyone else has to be a member.
        if not pg_catalog.pg_has_role(current_user, name, 'member') then
            execute pg_catalog.format('grant %I to current_user', name);
        end if;
    end loop;
end
$roles$;

create schema if not exists auth;
create schema if not exists access;
create schema if not exists platform;

comment on schema access is 'Who may read and write what: declarations, and the procedures that put them in force';
comment on schema platform is 'Internals of the running product: jobs, events, rate limits, outboxes';

revoke all on schema access, platform from public;
grant usage on schema public, auth to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
grant usage on schema access to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
grant usage on schema platform to
    authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

-- Functions are callable by nobody until they are granted: PostgreSQL's default is everybody.
alter default privileges revoke execute on functions from public;

do $functions$
begin
    if pg_catalog.to_regprocedure('auth.jwt()') is null then
        execute $sql$
            create function auth.jwt() returns jsonb
            language sql stable parallel safe
            set search_path = ''
            as $body$
                select coalesce(
                    nullif(pg_catalog.current_setting('request.jwt.claims', true), ''), '{}'
                )::pg_catalog.jsonb
            $body$
        $sql$;
    end if;
    if pg_catalog.to_regprocedure('auth.uid()') is null then
        execute $sql$
            create function auth.uid() returns uuid
            language sql stable parallel safe
            set search_path = ''
            as $body$ select nullif(auth.jwt() ->> 'sub', '')::pg_catalog.uuid $body$
        $sql$;
    end if;
    if pg_catalog.to_regprocedure('auth.role()') is null then
        execute $sql$
            create function auth.role() returns text
            language sql stable parallel safe
            set search_path = ''
            as $body$ select nullif(auth.jwt() ->> 'role', '') $body$
        $sql$;
    end if;
    if pg_catalog.to_regprocedure('auth.email()') is null then
        execute $sql$
            create function auth.email() returns text
            language sql stable parallel safe
            set search_path = ''
            as $body$ select nullif(auth.jwt() ->> 'email', '') $body$
        $sql$;
    end if;
end
$functions$;

do $grants$
begin
    grant execute on function auth.jwt(), auth.uid(), auth.role(), auth.email() to
        anon, authenticated, service_role,
        svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
exception when insufficient_privilege then
    null; -- Supabase owns these and grants them to public itself.
end
$grants$;

create function platform.set_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.updated_at := pg_catalog.now();
    return new;
end
$$;

comment on function platform.set_updated_at() is 'Row trigger: the time of the last change';

create procedure platform.maintain_updated_at(target text)
language plpgsql
set search_path = ''
as $$
begin
    execute pg_catalog.format(
        'create trigger set_updated_at before update on public.%I for each row '
        'when (old.* is distinct from new.*) execute function platform.set_updated_at()',
        target
    );
end
$$;

comment on procedure platform.maintain_updated_at(text) is 'Keeps updated_at of a table by trigger';
