"""What functions are made of, and who may call them."""

from tests.architecture.database_rules.rule import FUNCTION, NOT_OF_AN_EXTENSION, OURS, Rule

SEARCH_PATH = Rule(
    claim="every function fixes its search_path",
    query=f"""
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace::regnamespace::text in {OURS} and {NOT_OF_AN_EXTENSION.format("p.oid")}
            -- Names in a body of standard SQL are resolved once, when it is created.
            and p.prosqlbody is null
            and not exists (
                select from unnest(p.proconfig) as setting where setting like 'search\\_path=%')
    """,
    broken="create function public.sample() returns integer language sql as 'select 1'",
    offender="sample()",
    sound=FUNCTION,
)

DEFINERS = Rule(
    claim="every SECURITY DEFINER function that people may call is listed with its reason",
    query=f"""
        select format('%s.%s', p.pronamespace::regnamespace, p.proname)
        from pg_proc as p
        where p.prosecdef and p.pronamespace::regnamespace::text in {OURS}
            and {NOT_OF_AN_EXTENSION.format("p.oid")}
            and (
                has_function_privilege('anon', p.oid, 'execute')
                or has_function_privilege('authenticated', p.oid, 'execute')
            )
            and not exists (
                select from access.definer_functions as f
                where f.function_name = format('%s.%s', p.pronamespace::regnamespace, p.proname)
                    and btrim(f.reason) <> ''
            )
    """,
    broken=f"""
        {FUNCTION};
        alter function public.sample() security definer;
        grant execute on function public.sample() to authenticated
    """,
    offender="public.sample",
    sound=f"""
        {FUNCTION};
        alter function public.sample() security definer;
        grant execute on function public.sample() to authenticated;
        insert into access.definer_functions (function_name, reason)
        values ('public.sample', 'Shown')
    """,
)

LISTED_DEFINERS = Rule(
    claim="every listed SECURITY DEFINER function exists and is one that people may call",
    query="""
        select f.function_name
        from access.definer_functions as f
        where not exists (
            select from pg_proc as p
            where p.prosecdef
                and f.function_name = format('%s.%s', p.pronamespace::regnamespace, p.proname)
                and (
                    has_function_privilege('anon', p.oid, 'execute')
                    or has_function_privilege('authenticated', p.oid, 'execute')
                )
        )
    """,
    broken="revoke execute on function access.team_profile_ids() from authenticated",
    offender="access.team_profile_ids",
    sound="revoke execute on function access.team_profile_ids() from svc_magnetlab",
)

PUBLIC_FUNCTIONS = Rule(
    claim="no function is everybody's to call",
    query=f"""
        select p.oid::regprocedure::text
        from pg_proc as p
        cross join aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as granted
        where p.pronamespace::regnamespace::text in {OURS} and {NOT_OF_AN_EXTENSION.format("p.oid")}
            and granted.grantee = 0
    """,
    broken=f"""
        {FUNCTION};
        grant execute on function public.sample() to public
    """,
    offender="sample()",
    sound=FUNCTION,
)

FUNCTION_COMMENTS = Rule(
    claim="every function that somebody may call is described",
    query=f"""
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace::regnamespace::text in {OURS} and {NOT_OF_AN_EXTENSION.format("p.oid")}
            and obj_description(p.oid, 'pg_proc') is null
            and exists (
                select from pg_roles as r
                where not r.rolsuper and has_function_privilege(r.oid, p.oid, 'execute'))
    """,
    broken=f"""
        {FUNCTION};
        grant execute on function public.sample() to service_role
    """,
    offender="sample()",
    sound=f"""
        {FUNCTION};
        grant execute on function public.sample() to service_role;
        comment on function public.sample() is 'One'
    """,
)

RULES = (
    SEARCH_PATH,
    DEFINERS,
    LISTED_DEFINERS,
    PUBLIC_FUNCTIONS,
    FUNCTION_COMMENTS,
)
