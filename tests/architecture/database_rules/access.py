"""Who may do what: declarations, policies and grants."""

from tests.architecture.database_rules.rule import OURS, PEOPLE, TABLE, Rule

ROW_SECURITY = Rule(
    claim="every table is under row-level security",
    query=f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace::regnamespace::text in {OURS}
            and c.relkind in ('r', 'p') and not c.relrowsecurity
    """,
    broken=TABLE,
    offender="samples",
    sound=f"{TABLE}; alter table public.samples enable row level security",
)

DECLARED = Rule(
    claim="every public table declares its access, and nothing else does",
    query="""
        with declared as (
            select table_name from access.scopes intersect select table_name from access.ownership
        ), mentioned as (
            select table_name from access.scopes
            union select table_name from access.ownership
            union select table_name from access.rules
            union select table_name from access.secret_columns
            union select table_name from access.guarded_columns
            union select table_name from access.transitions
        ), tables as (
            select relname::text as table_name from pg_class
            where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        )
        (select table_name from tables except select table_name from declared)
        union
        (select table_name from mentioned except select table_name from tables)
    """,
    broken=f"{TABLE}; call access.service_only('samples')",
    offender="samples",
    sound=f"""
        {TABLE};
        call access.service_only('samples');
        call access.written_by('samples', 'magnetlab', 'identity')
    """,
)

DECLARED_COLUMNS = Rule(
    claim="every declared column exists",
    query="""
        with mentioned as (
            select table_name, column_name from access.secret_columns
            union select table_name, column_name from access.guarded_columns
            union select table_name, column_name from access.transitions
            union select table_name, unnest(columns) from access.rules
        )
        select m.table_name || '.' || m.column_name
        from mentioned as m
        where not exists (
            select from pg_attribute as a
            where a.attrelid = to_regclass(format('public.%I', m.table_name))
                and a.attname = m.column_name and a.attnum > 0 and not a.attisdropped
        )
    """,
    broken="call access.guard('users', '{passwrd}')",
    offender="users.passwrd",
    sound="call access.guard('users', '{password_hash}')",
)

GRANTED_COLUMNS = Rule(
    claim="every role may touch the columns that are declared for it and no others",
    query="""
        with roles as (
            select role_name::name from unnest(array[
                'anon', 'authenticated', 'svc_magnetlab', 'svc_gtm_system',
                'svc_leadmagnet_backend', 'svc_copy_of_gtm_os'
            ]) as r (role_name)
        ), declared as materialized (
            select e.table_name, e.role_name, e.command, case when e.command <> 'delete' then
                access.granted_columns(e.table_name, e.role_name, e.command) end as columns
            from access.expected_policies as e
        ), cells as (
            select
                o.table_name, format('public.%I', o.table_name)::regclass as id,
                r.role_name, c.command, d.table_name is not null as is_declared, d.columns
            from access.ownership as o
            cross join roles as r
            cross join (values ('select'), ('insert'), ('update'), ('delete')) as c (command)
            left join declared as d on d.table_name = o.table_name
                and d.role_name = r.role_name and d.command = c.command
        )
        select format('%s may %s %s.%s', x.role_name, x.command, x.table_name, a.attname)
        from cells as x
        join pg_attribute as a on a.attrelid = x.id and a.attnum > 0 and not a.attisdropped
        where x.command <> 'delete'
            and has_column_privilege(x.role_name, x.id, a.attnum, x.command)
                <> (a.attname::text = any (coalesce(x.columns, '{}')))
        union all
        select format('%s may delete %s', x.role_name, x.table_name)
        from cells as x
        where x.command = 'delete'
            and has_table_privilege(x.role_name, x.id, 'delete') <> x.is_declared
        union all
        select format('%s may %s %s', r.role_name, p.privilege, o.table_name)
        from access.ownership as o
        cross join roles as r
        cross join (values ('truncate'), ('references'), ('trigger')) as p (privilege)
        where has_table_privilege(
            r.role_name, format('public.%I', o.table_name)::regclass, p.privilege)
    """,
    broken="grant select (external_url) on public.lead_magnets to anon",
    offender="anon may select lead_magnets.external_url",
    sound="grant select (title) on public.lead_magnets to anon",
)

ROWLESS_POLICIES = Rule(
    claim="no policy opens a table to everybody, save the shared ones named here",
    query=f"""
        with policies as (
            select p.oid, p.polrelid, p.polname, p.polrelid::regclass::text as table_name
            from pg_policy as p
            where p.polroles && array(
                select 0::oid union all select oid from pg_roles where rolname in {PEOPLE})
        )
        select format('%s.%s', p.table_name, p.polname)
        from policies as p
        where not exists (
            select from pg_depend as d
            where d.classid = 'pg_policy'::regclass and d.objid = p.oid
                and d.refobjid = p.polrelid and d.refobjsubid > 0
        ) and (p.table_name, p.polname) not in (
            -- Administrators of the installation, where access.administrators says so.
            select r.table_name, r.role_name || '_' || r.command from access.rules as r
            where r.predicate = '(select access.is_super_admin())'
            union all
            values
                ('storage.buckets', 'administrators_update'),
                ('storage.buckets', 'administrators_delete')
            union all
            -- Shared libraries: public addresses, public authors, what is looked for.
            values
                ('cp_linkedin_profiles', 'authenticated_select'),
                ('cp_scrape_searches', 'authenticated_select'),
                ('cp_tracked_creators', 'authenticated_select')
        )
    """,
    broken=f"""
        {TABLE};
        create policy open on public.samples for select to authenticated using (true)
    """,
    offender="samples.open",
    sound=f"""
        {TABLE};
        create policy mine on public.samples for select to authenticated
        using (id = (select auth.uid()))
    """,
)

ALWAYS_TRUE = Rule(
    claim="no part of a policy for people is true of every row",
    query=f"""
        select format('%s.%s', p.polrelid::regclass, p.polname)
        from pg_policy as p
        where p.polroles && array(
                select 0::oid union all select oid from pg_roles where rolname in {PEOPLE})
            and concat_ws(
                ' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
            ) ~ '\\(true OR | OR \\(?true\\M|^\\(*true\\)*$'
    """,
    broken=f"""
        {TABLE};
        create policy open on public.samples for select to authenticated
        using (id = (select auth.uid()) or true)
    """,
    offender="samples.open",
    sound=f"""
        {TABLE};
        create policy mine on public.samples for select to authenticated
        using (id = (select auth.uid()) and true)
    """,
)

PUBLIC_RULES = Rule(
    claim="every rule beside a scope says why",
    query="""
        select format('%s.%s_%s', table_name, role_name, command)
        from access.rules
        where btrim(reason) = '' or (role_name = 'anon' and pattern <> 'public')
            or (role_name = 'anon' and command <> 'select')
    """,
    broken="call access.public_read('leads', '{row}.id is not null', reason => '')",
    offender="leads.anon_select",
    sound="call access.public_read('leads', '{row}.id is not null', reason => 'Published')",
)

HELPERS_ONCE = Rule(
    claim="policies call helpers once per statement, inside (select ...)",
    query=f"""
        select format('%s.%s', p.polrelid::regclass, p.polname)
        from pg_policy as p
        cross join lateral (
            values (pg_get_expr(p.polqual, p.polrelid)), (pg_get_expr(p.polwithcheck, p.polrelid))
        ) as e (expression)
        where p.polrelid in (
                select oid from pg_class where relnamespace::regnamespace::text in {OURS})
            and e.expression ~ '(?<!SELECT )\\m((auth|access)\\.\\w+|auth_tenant_id)\\('
    """,
    broken=f"""
        {TABLE};
        create policy mine on public.samples to authenticated using (id = auth.uid())
    """,
    offender="samples.mine",
    sound=f"""
        {TABLE};
        create policy mine on public.samples to authenticated using (id = (select auth.uid()))
    """,
)

ONE_POLICY = Rule(
    claim="each role has one permissive policy for each command of a table",
    query=f"""
        select format('%s: %s %s', p.polrelid::regclass, coalesce(r.rolname, 'public'), c.command)
        from pg_policy as p
        cross join unnest(p.polroles) as held (role_id)
        left join pg_roles as r on r.oid = held.role_id
        join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete'))
            as c (letter, command) on p.polcmd in ('*', c.letter::"char")
        where p.polpermissive and p.polrelid in (
            select oid from pg_class where relnamespace::regnamespace::text in {OURS})
        group by p.polrelid, r.rolname, c.command
        having count(*) > 1
    """,
    broken="""
        create policy another on public.brand_kits for select to authenticated
        using (id = (select auth.uid()))
    """,
    offender="brand_kits: authenticated select",
    sound="""
        create policy another on public.api_keys for update to authenticated
        using (id = (select auth.uid()))
    """,
)

PUBLIC_TABLES = Rule(
    claim="no table, view or sequence is granted to everybody",
    query=f"""
        select distinct c.oid::regclass::text
        from pg_class as c
        cross join lateral (
            select a.attacl as acl from pg_attribute as a where a.attrelid = c.oid
            union all select c.relacl
        ) as held
        cross join aclexplode(held.acl) as granted
        where c.relnamespace::regnamespace::text in {OURS} and granted.grantee = 0
    """,
    broken="grant select (name) on public.tenants to public",
    offender="tenants",
    sound="grant select (name) on public.tenants to anon",
)

INTERNAL_TABLES = Rule(
    claim="no table outside the schema public is granted to people or writers",
    query="""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace in ('access'::regnamespace, 'platform'::regnamespace)
            and c.relkind in ('r', 'p', 'v', 'm')
            and exists (
                select from pg_roles as r
                where (r.rolname in ('anon', 'authenticated') or r.rolname like 'svc\\_%')
                    and has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
            )
    """,
    broken="grant select on platform.jobs to authenticated",
    offender="platform.jobs",
    sound="grant select on platform.jobs to service_role",
)

SECRETS = Rule(
    claim="a secret column is touched by nobody but the writer of its table",
    query="""
        select distinct format('%s.%s', s.table_name, s.column_name)
        from access.secret_columns as s
        join access.ownership as o using (table_name)
        cross join pg_roles as r
        where (r.rolname in ('anon', 'authenticated') or r.rolname like 'svc\\_%')
            and r.rolname <> 'svc_' || o.writer
            and exists (
                select from unnest(array['select', 'insert', 'update', 'references']) as privilege
                where has_column_privilege(
                    r.oid, format('public.%I', s.table_name)::regclass, s.column_name, privilege)
            )
    """,
    broken="grant select (password_hash) on public.users to svc_gtm_system",
    offender="users.password_hash",
    sound="grant select (password_hash) on public.users to svc_magnetlab",
)

SECRET_NAMES = Rule(
    claim="a column that holds a secret by its name is declared secret",
    query="""
        select format('%s.%s', c.relname, a.attname)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.attname ~ '(^|_)(password|secret|token|api_key|private_key|hash)$|encrypted'
            -- Times of secrets, and fingerprints of what is no secret.
            and a.attname !~ '_at$|^(content|visitor|identity|ip|similarity|payload)_hash$'
            and not exists (
                select from access.secret_columns as s
                where s.table_name = c.relname and s.column_name = a.attname)
            -- Nobody but the writer and the service key reads such a table at all.
            and exists (
                select from pg_roles as r
                join access.ownership as o on o.table_name = c.relname
                where (r.rolname in ('anon', 'authenticated') or r.rolname like 'svc\\_%')
                    and r.rolname <> 'svc_' || o.writer
                    and has_column_privilege(r.oid, c.oid, a.attnum, 'select')
            )
    """,
    broken="""
        create table public.samples (id uuid primary key, user_id uuid not null, access_token text);
        call access.owner('samples');
        call access.written_by('samples', 'magnetlab', 'identity')
    """,
    offender="samples.access_token",
    sound="""
        create table public.samples (id uuid primary key, user_id uuid not null, access_token text);
        call access.owner('samples');
        call access.secret('samples', '{access_token}');
        call access.written_by('samples', 'magnetlab', 'identity')
    """,
)

INVOKER_VIEWS = Rule(
    claim="a view sees what whoever reads it may see",
    query=f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace::regnamespace::text in {OURS} and c.relkind in ('v', 'm')
            and not coalesce(c.reloptions, '{{}}') @> array['security_invoker=true']
            -- Asks whose page it is once per page, by the pages' own declared predicate.
            and c.relname not in ('funnel_page_counts', 'funnel_page_source_counts')
    """,
    broken="create view public.samples as select id from public.users",
    offender="samples",
    sound="""
        create view public.samples with (security_invoker = true) as select id from public.users
    """,
)

RULES = (
    ROW_SECURITY,
    DECLARED,
    DECLARED_COLUMNS,
    GRANTED_COLUMNS,
    ROWLESS_POLICIES,
    ALWAYS_TRUE,
    PUBLIC_RULES,
    HELPERS_ONCE,
    ONE_POLICY,
    PUBLIC_TABLES,
    INTERNAL_TABLES,
    SECRETS,
    SECRET_NAMES,
    INVOKER_VIEWS,
)
