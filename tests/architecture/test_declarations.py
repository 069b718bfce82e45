"""The declarations of access are in force: making them again would change nothing."""

import asyncpg
import pytest

_IN_FORCE = """
select format(
    '%s: %s %s for %s to %s using %s with check %s', p.tablename, p.permissive, p.policyname, p.cmd,
    p.roles, p.qual, p.with_check)
from pg_policies as p
where p.schemaname = 'public'
union
select format('%s: %s to %s', c.relname, a.privilege_type, a.grantee::regrole)
from pg_class as c
cross join aclexplode(c.relacl) as a
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
union
select format('%s: %s (%s) to %s', c.relname, a.privilege_type, t.attname, a.grantee::regrole)
from pg_class as c
join pg_attribute as t on t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
cross join aclexplode(t.attacl) as a
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
"""

_APPLY = """
do $$
declare
    target text;
begin
    for target in select table_name from access.ownership where table_name like '{tables}' loop
        call access.apply(target);
    end loop;
end
$$
"""


async def _differences(connection: asyncpg.Connection, *, tables: str = "%") -> set[str]:
    """Return what applying the declarations again would add or take away."""
    before = {row[0] for row in await connection.fetch(_IN_FORCE)}
    await connection.execute(_APPLY.format(tables=tables))
    return before ^ {row[0] for row in await connection.fetch(_IN_FORCE)}


async def test_every_declaration_is_in_force(connection: asyncpg.Connection) -> None:
    assert await _differences(connection) == set()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("leads", "alter policy authenticated_select on public.leads using (id is not null)"),
        ("leads", "grant delete on public.leads to authenticated"),
        ("leads", "call access.tenant('leads', commands => '{select}')"),
        ("brand_kits", "drop policy authenticated_update on public.brand_kits"),
        ("brand_kits", "call access.members('brand_kits', commands => '{delete}')"),
        ("brand_kits", "call access.secret('brand_kits', '{logos}')"),
        (
            "brand_kits",
            "alter policy authenticated_insert on public.brand_kits with check (true)",
        ),
        ("users", "grant select (password_hash) on public.users to svc_gtm_system"),
    ],
)
async def test_notices_what_is_in_force_and_not_declared(
    connection: asyncpg.Connection, table: str, change: str
) -> None:
    await connection.execute(change)
    assert await _differences(connection, tables=table)
