-- Files: the schema `storage` as Supabase has it, created only where it is missing, and who reads and
-- writes what in it. The bytes of an object lie elsewhere, under its version.

create schema if not exists storage;
comment on schema storage is 'Files: buckets and the objects in them, as the Supabase clients know them';

do $tables$
begin
    if pg_catalog.to_regclass('storage.buckets') is not null then
        return;
    end if;

    create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');

    create table storage.buckets (
        id text primary key check (id ~ '^[\w!.*''() &$@=;:+,?-]{1,100}$'),
        name text not null unique,
        owner uuid,
        created_at timestamptz default now(),
        updated_at timestamptz default now(),
        public boolean default false,
        avif_autodetection boolean default false,
        file_size_limit bigint check (file_size_limit >= 0),
        allowed_mime_types text[],
        owner_id text,
        type storage.buckettype not null default 'STANDARD'
    );
    comment on table storage.buckets is 'A named place for files, with its limits';
    comment on column storage.buckets.public is 'Whether everybody with the address reads a file in it';
    comment on column storage.buckets.file_size_limit is 'Largest file in bytes; null: the installation''s limit';
    comment on column storage.buckets.allowed_mime_types is 'What it takes, as image/png or image/*; null: all';
    comment on column storage.buckets.owner is 'The same as owner_id, from before ids that are no UUIDs';

    create table storage.objects (
        id uuid primary key default gen_random_uuid(),
        bucket_id text not null constraint "objects_bucketId_fkey" references storage.buckets (id)
            on delete restrict,
        name text not null check (name <> '' and pg_catalog.octet_length(name) <= 1024),
        owner uuid,
        created_at timestamptz default now(),
        updated_at timestamptz default now(),
        last_accessed_at timestamptz default now(),
        metadata jsonb,
        path_tokens text[] generated always as (pg_catalog.string_to_array(name, '/')) stored,
        version text,
        owner_id text,
        user_metadata jsonb
    );
    comment on table storage.objects is 'A file: its place, its size and type, and the version that holds its bytes';
    comment on column storage.objects.version is 'The name of the bytes in the file store; a new one with each upload';
    comment on column storage.objects.metadata is 'Size, type, ETag and caching, as the clients expect them';
    comment on column storage.objects.user_metadata is 'What the uploader noted with the file';
    comment on column storage.objects.owner is 'The same as owner_id, from before ids that are no UUIDs';
    create unique index bucketid_objname on storage.objects (bucket_id, name);
    -- In the order of bytes: what lists, folder by folder, walk along.
    create index idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
    -- The sweep asks for each file whether an object still holds it.
    create index objects_version on storage.objects (version);

    alter table storage.buckets enable row level security;
    alter table storage.objects enable row level security;

    create trigger set_updated_at before update on storage.buckets for each row
    when (old.* is distinct from new.*) execute function platform.set_updated_at();
    create trigger set_updated_at before update on storage.objects for each row
    execute function platform.set_updated_at();

    grant all on storage.buckets, storage.objects to service_role;
    grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated;
    create policy service_role_all on storage.buckets for all to service_role
        using (true) with check (true);
    create policy service_role_all on storage.objects for all to service_role
        using (true) with check (true);
end
$tables$;

do $functions$
begin
    if pg_catalog.to_regprocedure('storage.foldername(text)') is null then
        create function storage.foldername(name text) returns text[]
        language sql immutable parallel safe
        set search_path = ''
        as $body$
            select parts[1:pg_catalog.cardinality(parts) - 1]
            from pg_catalog.string_to_array(name, '/') as parts
        $body$;
        comment on function storage.foldername(text) is 'The folders of an object''s name, outermost first';
    end if;
    if pg_catalog.to_regprocedure('storage.filename(text)') is null then
        create function storage.filename(name text) returns text
        language sql immutable parallel safe
        set search_path = ''
        as $body$ select pg_catalog.split_part(name, '/', -1) $body$;
        comment on function storage.filename(text) is 'An object''s name without its folders';
    end if;
    if pg_catalog.to_regprocedure('storage.extension(text)') is null then
        create function storage.extension(name text) returns text
        language sql immutable parallel safe
        set search_path = ''
        as $body$
            select pg_catalog.split_part(pg_catalog.split_part(name, '/', -1), '.', -1)
        $body$;
        comment on function storage.extension(text) is 'What follows the last dot of an object''s name';
    end if;
end
$functions$;

do $grants$
begin
    grant usage on schema storage to
        anon, authenticated, service_role,
        svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
    grant execute on function
        storage.foldername(text), storage.filename(text), storage.extension(text)
    to anon, authenticated, service_role,
        svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
    grant select on storage.buckets to
        svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
    grant select, insert, update, delete on storage.objects to
        svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
exception when insufficient_privilege then
    null; -- Supabase owns the schema and has granted it to its own roles.
end
$grants$;

-- Access. A bucket that is declared here has folders: the first folder of a name is the id of the
-- person or of the team whose files are in it. Other buckets are the service key's alone, until
-- somebody writes a policy for them.

create table access.bucket_folders (
    bucket_id text primary key
);
comment on table access.bucket_folders is
    'The buckets in which people and teams have a folder of their own';
alter table access.bucket_folders enable row level security;
create policy service_role_all on access.bucket_folders for all to service_role
    using (true) with check (true);
grant select, insert, delete on access.bucket_folders to service_role;

create function access.folder_bucket_ids() returns text[]
language sql stable security definer
set search_path = ''
as $$ select array(select b.bucket_id from access.bucket_folders as b) $$;
comment on function access.folder_bucket_ids() is
    'The buckets in which people and teams have a folder of their own';

create function access.own_folders() returns text[]
language sql stable
set search_path = ''
as $$ select auth.uid()::text || access.team_ids()::text[] $$;
comment on function access.own_folders() is 'The folders of whoever acts: their own and their teams''';

insert into access.definer_functions (function_name, reason) values
    ('access.folder_bucket_ids', 'Answers names of buckets, which are no secret, and nothing else');

grant execute on function access.folder_bucket_ids(), access.own_folders() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create procedure access.folders(bucket text)
language sql
set search_path = ''
begin atomic
    insert into access.bucket_folders (bucket_id) values (bucket) on conflict do nothing;
end;
comment on procedure access.folders(text) is
    'Gives each person and team a folder of their own in a bucket: the folder is named by their id';

create policy folders_select on storage.buckets for select
to authenticated, svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os
using (
    id = any ((select access.folder_bucket_ids())::text[]) or (select access.is_super_admin())
);
create policy administrators_insert on storage.buckets for insert to authenticated
with check (owner_id = (select auth.uid())::text and (select access.is_super_admin()));
create policy administrators_update on storage.buckets for update to authenticated
using ((select access.is_super_admin())) with check ((select access.is_super_admin()));
create policy administrators_delete on storage.buckets for delete to authenticated
using ((select access.is_super_admin()));

do $policies$
declare
    command text;
    held text := '
        bucket_id = any ((select access.folder_bucket_ids())::text[])
        and (storage.foldername(name))[1] = any ((select access.own_folders())::text[])';
begin
    foreach command in array array['select', 'insert', 'update', 'delete']
    loop
        execute pg_catalog.format(
            'create policy %I on storage.objects for %s to authenticated, svc_magnetlab, '
            'svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os %s %s',
            'folders_' || command, command,
            case when command <> 'insert' then 'using (' || held || ')' else '' end,
            case when command in ('insert', 'update') then 'with check (' || held || ')' else '' end);
    end loop;
end
$policies$;

insert into storage.buckets (id, name, public) values
    ('files', 'files', false),
    ('assets', 'assets', true)
on conflict (id) do nothing;
call access.folders('files');
call access.folders('assets');
