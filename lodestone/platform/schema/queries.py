"""The catalog as `(kind, name, definition)` rows: equal databases give equal rows.

Only what the migrations declare is read: the schemas of `SCHEMAS`, without what extensions own.
Owners are left out, for they differ from place to place, and so are grants to them.
"""

import json
from typing import LiteralString

import asyncpg

SCHEMAS = ("public", "access", "platform")

_NAMESPACES: LiteralString = """
select n.oid, n.nspname from pg_namespace as n where n.nspname = any ($1::text[])
"""

_NOT_OF_EXTENSION: LiteralString = """
not exists (
    select from pg_depend as d
    where d.objid = {oid} and d.classid = '{catalog}'::regclass and d.deptype = 'e'
)
"""

_TABLES = """
select
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
        else 'table' end as kind,
    format('%I.%I', n.nspname, c.relname) as name,
    concat_ws(
        ', ',
        case c.relpersistence when 'u' then 'unlogged' end,
        case when c.relrowsecurity then 'row level security' end,
        case when c.relforcerowsecurity then 'forced' end,
        nullif(array_to_string(c.reloptions, ' '), ''),
        'partitioned by ' || pg_get_partkeydef(c.oid),
        case when c.relkind in ('v', 'm') then 'as ' || pg_get_viewdef(c.oid) end
    ) as definition
from pg_class as c
join namespaces as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'S') and {not_of_extension}
"""

_COLUMNS = """
select
    'column' as kind,
    format('%I.%I.%I', n.nspname, c.relname, a.attname) as name,
    concat_ws(
        ' ',
        format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then 'not null' end,
        case when a.attgenerated = 's' then 'generated as ' || pg_get_expr(e.adbin, e.adrelid)
            else 'default ' || pg_get_expr(e.adbin, e.adrelid) end,
        case a.attidentity when 'a' then 'identity always' when 'd' then 'identity' end
    ) as definition
from pg_attribute as a
join pg_class as c on c.oid = a.attrelid
join namespaces as n on n.oid = c.relnamespace
left join pg_attrdef as e on e.adrelid = a.attrelid and e.adnum = a.attnum
where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and {not_of_extension}
"""

_CONSTRAINTS = """
select
    'constraint' as kind,
    format('%I.%I.%I', n.nspname, c.relname, k.conname) as name,
    pg_get_constraintdef(k.oid) || case when k.convalidated then '' else ' not valid' end
        as definition
from pg_constraint as k
join pg_class as c on c.oid = k.conrelid
join namespaces as n on n.oid = c.relnamespace
-- Since version 18 "not null" is a constraint too; the column tells it already.
where k.contype <> 'n' and {not_of_extension}
"""

_INDEXES = """
select 'index' as kind, format('%I.%I.%I', n.nspname, c.relname, i.relname) as name,
    pg_get_indexdef(i.oid) || case when x.indisvalid then '' else ' invalid' end as definition
from pg_index as x
join pg_class as i on i.oid = x.indexrelid
join pg_class as c on c.oid = x.indrelid
join namespaces as n on n.oid = i.relnamespace
where {not_of_extension}
"""

_POLICIES = """
select
    'policy' as kind,
    format('%I.%I.%I', n.nspname, c.relname, p.polname) as name,
    concat_ws(
        ' ',
        case when p.polpermissive then 'permissive' else 'restrictive' end,
        case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
            when 'd' then 'delete' else 'all' end,
        'to ' || (
            select string_agg(coalesce(r.rolname, 'public'), ', ' order by r.rolname)
            from unnest(p.polroles) as member (oid) left join pg_roles as r on r.oid = member.oid
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid)
    ) as definition
from pg_policy as p
join pg_class as c on c.oid = p.polrelid
join namespaces as n on n.oid = c.relnamespace
"""

_TRIGGERS = """
select 'trigger' as kind, format('%I.%I.%I', n.nspname, c.relname, t.tgname) as name,
    pg_get_triggerdef(t.oid) || case when t.tgenabled = 'O' then '' else ' disabled' end
        as definition
from pg_trigger as t
join pg_class as c on c.oid = t.tgrelid
join namespaces as n on n.oid = c.relnamespace
where not t.tgisinternal
"""

_FUNCTIONS = """
select 'function' as kind,
    format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name,
    pg_get_functiondef(p.oid) as definition
from pg_proc as p
join namespaces as n on n.oid = p.pronamespace
where p.prokind in ('f', 'p') and {not_of_extension}
"""

_TYPES = """
select 'enum' as kind, format('%I.%I', n.nspname, t.typname) as name,
    (
        select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
        from pg_enum as e where e.enumtypid = t.oid
    ) as definition
from pg_type as t
join namespaces as n on n.oid = t.typnamespace
where t.typtype = 'e' and {not_of_extension}
"""

_COMMENTS = """
select 'comment' as kind, o.name, d.description as definition
from (
    select 'pg_class'::regclass as catalog, c.oid, 0 as part,
        format('%I.%I', n.nspname, c.relname) as name
    from pg_class as c join namespaces as n on n.oid = c.relnamespace
    union all
    select 'pg_class'::regclass, c.oid, a.attnum,
        format('%I.%I.%I', n.nspname, c.relname, a.attname)
    from pg_class as c
    join namespaces as n on n.oid = c.relnamespace
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
    union all
    select 'pg_proc'::regclass, p.oid, 0,
        format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    from pg_proc as p join namespaces as n on n.oid = p.pronamespace
    where {not_of_extension}
    union all
    select 'pg_type'::regclass, t.oid, 0, format('%I.%I', n.nspname, t.typname)
    from pg_type as t join namespaces as n on n.oid = t.typnamespace
    where t.typtype = 'e'
) as o
join pg_description as d
    on d.classoid = o.catalog and d.objoid = o.oid and d.objsubid = o.part
"""

_GRANTS = """
select 'grant' as kind,
    format('%s to %s', o.name, coalesce(r.rolname, 'public')) as name,
    string_agg(
        lower(g.privilege_type) || case when g.is_grantable then ' with grant option' else '' end,
        ', ' order by g.privilege_type
    ) as definition
from (
    select format('%I.%I', n.nspname, c.relname) as name, c.relowner as owner,
        coalesce(
            c.relacl,
            acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", c.relowner)
        )
            as acl
    from pg_class as c join namespaces as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select format('%I.%I.%I', n.nspname, c.relname, a.attname), c.relowner, a.attacl
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    join namespaces as n on n.oid = c.relnamespace
    where a.attacl is not null and a.attnum > 0 and not a.attisdropped
    union all
    select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
        p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
    from pg_proc as p join namespaces as n on n.oid = p.pronamespace
    where {not_of_extension}
    union all
    select format('schema %I', s.nspname), s.nspowner,
        coalesce(s.nspacl, acldefault('n', s.nspowner))
    from pg_namespace as s join namespaces as n on n.oid = s.oid
) as o
cross join lateral aclexplode(o.acl) as g
left join pg_roles as r on r.oid = g.grantee
-- MAINTAIN exists since version 17 only, as a part of "all".
where g.grantee <> o.owner and g.privilege_type <> 'MAINTAIN'
group by o.name, r.rolname
"""

_VECTOR_SCHEMA = """
select quote_ident(n.nspname) || '.'
from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace where e.extname = 'vector'
"""

_KINDS: tuple[tuple[str, str, str], ...] = (
    (_TABLES, "c.oid", "pg_class"),
    (_COLUMNS, "c.oid", "pg_class"),
    (_CONSTRAINTS, "c.oid", "pg_class"),
    (_INDEXES, "c.oid", "pg_class"),
    (_POLICIES, "", ""),
    (_TRIGGERS, "", ""),
    (_FUNCTIONS, "p.oid", "pg_proc"),
    (_TYPES, "t.oid", "pg_type"),
    (_COMMENTS, "p.oid", "pg_proc"),
    (_GRANTS, "p.oid", "pg_proc"),
)

Structure = dict[tuple[str, str], str]
"""Definitions by kind and name."""


async def read_structure(connection: asyncpg.Connection) -> Structure:
    """Return every object of our schemas, and the rows of the access declarations."""
    found: Structure = {}
    async with connection.transaction(readonly=True, isolation="repeatable_read"):
        # Names are qualified in definitions only when they are not on the path.
        await connection.execute("set local search_path = ''")
        # Supabase keeps extensions in a schema of their own: which one is no drift.
        vector = await connection.fetchval(_VECTOR_SCHEMA) or "public."
        for query, oid, catalog in _KINDS:
            condition = _NOT_OF_EXTENSION.format(oid=oid, catalog=catalog)
            statement = query.format(not_of_extension=condition)
            rows = await connection.fetch(
                f"with namespaces as ({_NAMESPACES}) {statement}",
                list(SCHEMAS),
            )
            for row in rows:
                name = row["name"].replace(vector, "public.")
                found[row["kind"], name] = (row["definition"] or "").replace(vector, "public.")
        found.update(await _read_declarations(connection))
    return found


async def _read_declarations(connection: asyncpg.Connection) -> Structure:
    """Return the rows of the tables in schema access: what each table's access was declared as."""
    tables = await connection.fetch(
        "select c.relname as name, array("
        "    select a.attname::text from pg_index as i"
        "    join pg_attribute as a on a.attrelid = c.oid and a.attnum = any (i.indkey)"
        "    where i.indrelid = c.oid and i.indisprimary order by a.attnum"
        ") as key from pg_class as c"
        " where c.relnamespace = to_regnamespace('access') and c.relkind = 'r'"
    )
    found: Structure = {}
    for table in tables:
        rows = await connection.fetch(
            f'select to_jsonb(t)::text as row from access."{table["name"]}" as t'
        )
        for row in rows:
            values = json.loads(row["row"])
            key = " ".join(str(values.pop(column)) for column in table["key"])
            text = ", ".join(f"{name} {value}" for name, value in sorted(values.items()))
            found["declaration", f"access.{table['name']} {key}"] = text
    return found
