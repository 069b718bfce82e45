"""What the catalog reads of PostgreSQL's own tables, each list in one statement."""

from typing import Any

import asyncpg

from lodestone.platform.database import Tx, fetch_one

_TABLES = """
select
    relation.oid::bigint as oid,
    relation.relname::text as name,
    relation.relkind in ('v', 'm') as is_view,
    obj_description(relation.oid, 'pg_class') as comment,
    coalesce((
        select array_agg(part.attname::text order by place.ordinality)
        from pg_catalog.pg_constraint as key
        cross join unnest(key.conkey) with ordinality as place (number, ordinality)
        join pg_catalog.pg_attribute as part
            on part.attrelid = key.conrelid and part.attnum = place.number
        where key.conrelid = relation.oid and key.contype = 'p'
    ), '{}') as primary_key,
    array(
        select roles.name
        from unnest($1::text[]) as roles (name)
        where pg_relation_is_updatable(relation.oid, true) & 8 > 0
            and has_any_column_privilege(roles.name, relation.oid, 'insert')
    ) as inserters,
    array(
        select roles.name
        from unnest($1::text[]) as roles (name)
        where pg_relation_is_updatable(relation.oid, true) & 4 > 0
            and has_any_column_privilege(roles.name, relation.oid, 'update')
    ) as updaters,
    array(
        select roles.name
        from unnest($1::text[]) as roles (name)
        where pg_relation_is_updatable(relation.oid, true) & 16 > 0
            and has_table_privilege(roles.name, relation.oid, 'delete')
    ) as deleters
from pg_catalog.pg_class as relation
where relation.relnamespace = 'public'::pg_catalog.regnamespace
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
        select from pg_catalog.pg_depend as owned
        where owned.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
            and owned.objid = relation.oid and owned.deptype = 'e'
    )
order by relation.relname
"""

_COLUMNS = """
select
    attribute.attrelid::bigint as table_oid,
    attribute.attname::text as name,
    attribute.attnum as number,
    format_type(attribute.atttypid, -1) as type,
    kind.typcategory = 'A' as is_array,
    attribute.attnotnull as is_required,
    attribute.attgenerated <> '' or attribute.attidentity = 'a' as is_generated,
    pg_get_expr(fallback.adbin, fallback.adrelid) as default_sql,
    col_description(attribute.attrelid, attribute.attnum) as comment,
    array(
        select label.enumlabel::text from pg_catalog.pg_enum as label
        where label.enumtypid = attribute.atttypid order by label.enumsortorder
    ) as labels,
    array(
        select roles.name
        from unnest($1::text[]) as roles (name)
        where has_column_privilege(roles.name, relation.oid, attribute.attnum, 'select')
    ) as readers
from pg_catalog.pg_attribute as attribute
join pg_catalog.pg_class as relation on relation.oid = attribute.attrelid
join pg_catalog.pg_type as kind on kind.oid = attribute.atttypid
left join pg_catalog.pg_attrdef as fallback
    on fallback.adrelid = attribute.attrelid and fallback.adnum = attribute.attnum
where relation.relnamespace = 'public'::pg_catalog.regnamespace
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and attribute.attnum > 0 and not attribute.attisdropped
order by attribute.attrelid, attribute.attnum
"""

_FOREIGN_KEYS = """
select
    key.conname::text as name,
    key.conrelid::bigint as table_oid,
    key.confrelid::bigint as target_oid,
    array(
        select part.attname::text
        from unnest(key.conkey) with ordinality as place (number, ordinality)
        join pg_catalog.pg_attribute as part
            on part.attrelid = key.conrelid and part.attnum = place.number
        order by place.ordinality
    ) as columns,
    array(
        select part.attname::text
        from unnest(key.confkey) with ordinality as place (number, ordinality)
        join pg_catalog.pg_attribute as part
            on part.attrelid = key.confrelid and part.attnum = place.number
        order by place.ordinality
    ) as target_columns,
    exists (
        select from pg_catalog.pg_index as found
        where found.indrelid = key.conrelid and found.indisunique and found.indpred is null
            and found.indnkeyatts = cardinality(key.conkey)
            and found.indkey::pg_catalog.int2[] <@ key.conkey
    ) as is_unique
from pg_catalog.pg_constraint as key
join pg_catalog.pg_class as source on source.oid = key.conrelid
join pg_catalog.pg_class as target on target.oid = key.confrelid
where key.contype = 'f' and key.conparentid = 0
    and source.relnamespace = 'public'::pg_catalog.regnamespace
    and target.relnamespace = 'public'::pg_catalog.regnamespace
order by key.conname
"""

_VIEW_RULES = """
select rule.ev_class::bigint as view_oid, rule.ev_action::text as action
from pg_catalog.pg_rewrite as rule
join pg_catalog.pg_class as relation on relation.oid = rule.ev_class
where relation.relnamespace = 'public'::pg_catalog.regnamespace
    and relation.relkind in ('v', 'm') and rule.rulename = '_RETURN'
"""

_FUNCTIONS = """
select
    routine.oid::bigint as oid,
    routine.proname::text as name,
    obj_description(routine.oid, 'pg_proc') as comment,
    routine.provolatile = 'v' as is_volatile,
    routine.proretset as returns_set,
    routine.prorettype = 'pg_catalog.void'::pg_catalog.regtype as returns_nothing,
    returned.typrelid::bigint as returned_oid,
    returned.typtype = 'c' or routine.prorettype = 'pg_catalog.record'::pg_catalog.regtype
        as returns_row,
    format_type(routine.prorettype, -1) as returned_type,
    routine.provariadic <> 0 as is_variadic,
    routine.pronargdefaults as defaults,
    coalesce(routine.proargnames, '{}') as names,
    coalesce(routine.proargmodes::text[], '{}') as modes,
    (
        select split_part(setting, '=', 2) from unnest(routine.proconfig) as setting
        where setting like 'statement@_timeout=%' escape '@'
    ) as timeout,
    array(
        select format_type(argument.type, -1)
        from unnest(coalesce(routine.proallargtypes, routine.proargtypes::pg_catalog.oid[]))
            with ordinality as argument (type, place)
        order by argument.place
    ) as types,
    array(
        select coalesce(kind.typrelid, 0)::bigint
        from unnest(routine.proargtypes::pg_catalog.oid[]) with ordinality as argument (type, place)
        join pg_catalog.pg_type as kind on kind.oid = argument.type
        order by argument.place
    ) as row_oids,
    array(
        select roles.name
        from unnest($1::text[]) as roles (name)
        where has_function_privilege(roles.name, routine.oid, 'execute')
    ) as callers
from pg_catalog.pg_proc as routine
join pg_catalog.pg_type as returned on returned.oid = routine.prorettype
where routine.pronamespace = 'public'::pg_catalog.regnamespace
    and routine.prokind = 'f'
    and routine.prorettype <> 'pg_catalog.trigger'::pg_catalog.regtype
    and not exists (
        select from pg_catalog.pg_depend as owned
        where owned.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
            and owned.objid = routine.oid and owned.deptype = 'e'
    )
order by routine.proname, routine.oid
"""

_ROW_COLUMNS = """
select
    relation.oid::bigint as table_oid,
    attribute.attname::text as name,
    format_type(attribute.atttypid, -1) as type
from pg_catalog.pg_class as relation
join pg_catalog.pg_attribute as attribute on attribute.attrelid = relation.oid
where relation.relnamespace = 'public'::pg_catalog.regnamespace and relation.relkind = 'c'
    and attribute.attnum > 0 and not attribute.attisdropped
order by relation.oid, attribute.attnum
"""

_TYPES = """
select kind.typname::text as name, format_type(kind.oid, -1) as type
from pg_catalog.pg_type as kind
where kind.typnamespace in (
        'public'::pg_catalog.regnamespace, 'pg_catalog'::pg_catalog.regnamespace
    )
    and kind.typtype in ('b', 'd', 'e', 'r', 'm')
order by kind.typnamespace = 'public'::pg_catalog.regnamespace
"""


# Bodies, policies, defaults and views: all that can read a setting while a request is answered.
_MENTIONS = r"""
select
    coalesce(bool_or(source ~ 'request\.(headers|cookies|method|path)'), false) as reads_requests,
    coalesce(bool_or(source ~ 'response\.(headers|status)'), false) as sets_responses
from (
    select routine.prosrc || coalesce(pg_get_function_sqlbody(routine.oid), '')
    from pg_catalog.pg_proc as routine
    where routine.pronamespace not in (
        'pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace
    )
    union all
    select concat(
        pg_get_expr(policy.polqual, policy.polrelid),
        pg_get_expr(policy.polwithcheck, policy.polrelid)
    )
    from pg_catalog.pg_policy as policy
    union all
    select pg_get_expr(fallback.adbin, fallback.adrelid) from pg_catalog.pg_attrdef as fallback
    union all
    select pg_get_viewdef(relation.oid)
    from pg_catalog.pg_class as relation
    where relation.relkind = 'v' and relation.relnamespace not in (
        'pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace
    )
) as found (source)
"""

_TIMEZONES = "select name from pg_catalog.pg_timezone_names"


async def name_everything_in_full(tx: Tx) -> None:
    """Have this transaction write types and defaults with their schema, whatever the path is."""
    await tx.execute("set local search_path = ''")


async def list_tables(tx: Tx, *, roles: list[str]) -> list[asyncpg.Record]:
    """Return tables and views with their keys, and which of the roles may write them."""
    found: list[asyncpg.Record] = await tx.fetch(_TABLES, roles)
    return found


async def list_columns(tx: Tx, *, roles: list[str]) -> list[asyncpg.Record]:
    """Return every column, and which of the roles may read it."""
    found: list[asyncpg.Record] = await tx.fetch(_COLUMNS, roles)
    return found


async def list_foreign_keys(tx: Tx) -> list[asyncpg.Record]:
    """Return the foreign keys between exposed tables."""
    found: list[asyncpg.Record] = await tx.fetch(_FOREIGN_KEYS)
    return found


async def list_view_rules(tx: Tx) -> list[asyncpg.Record]:
    """Return the parsed text of every view: it tells where each column comes from."""
    found: list[asyncpg.Record] = await tx.fetch(_VIEW_RULES)
    return found


async def list_functions(tx: Tx, *, roles: list[str]) -> list[asyncpg.Record]:
    """Return every function that can be called, and which of the roles may."""
    found: list[asyncpg.Record] = await tx.fetch(_FUNCTIONS, roles)
    return found


async def list_row_columns(tx: Tx) -> list[asyncpg.Record]:
    """Return the columns of composite types that are no tables."""
    found: list[asyncpg.Record] = await tx.fetch(_ROW_COLUMNS)
    return found


async def list_types(tx: Tx) -> dict[str, Any]:
    """Return how to write each type that a value can be cast to, by its name."""
    return {row["name"]: row["type"] for row in await tx.fetch(_TYPES)}


async def find_mentions(tx: Tx) -> tuple[bool, bool]:
    """Return whether anything reads the request's settings, and whether anything sets answers'."""
    row = await fetch_one(tx, _MENTIONS)
    return bool(row["reads_requests"]), bool(row["sets_responses"])


async def list_timezones(tx: Tx) -> frozenset[str]:
    """Return the names of the time zones that there are."""
    return frozenset(row["name"] for row in await tx.fetch(_TIMEZONES))
