"""The database of a measurement: a server of its own, migrated and filled.

The demo's bulk fills every table with the reference's row counts times the scale. On top comes one
busy business, so that the tables of the main job are large too: the reference has 414 leads and
666 views, which fit in a page or two of any index.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from lodestone.domains.funnels import service
from lodestone.platform import embedded, migrations

LEADS = 20_000
VIEWS = 60_000
"""At scale 1, over 60 days; half of them are the measured creator's."""

CREATORS = 10
PAGES = 45
SLUG = "checklist"

_PEOPLE = """
with tenant as (
    insert into tenants (name, email, business_name, slug)
    select 'Bench ' || n, 'tenant' || n || '@bench.example', 'Bench ' || n, 'bench-' || n
    from generate_series(1, $1) as n
    returning id, slug
), account as (
    insert into users (email, name, username)
    select 'creator' || n || '@bench.example', 'Creator ' || n, 'bench' || n
    from generate_series(1, $1) as n
    returning id, email, username
)
insert into profiles (id, tenant_id, email, full_name)
select a.id, t.id, a.email, a.username
from account as a join tenant as t on t.slug = replace(a.username, 'bench', 'bench-')
"""

_TEAMS = """
insert into teams (owner_id, name, is_personal)
select id, username, true from users where username like 'bench%'
on conflict do nothing
"""

_PAGES = """
with magnet as (
    insert into lead_magnets (user_id, title, status, polished_content)
    select u.id, 'Checklist ' || n, 'published', $2
    from generate_series(1, $1) as n
    join users as u on u.username = 'bench' || (n - 1) % 10 + 1
    returning id, user_id, title
)
insert into funnel_pages (
    user_id, lead_magnet_id, slug, optin_headline, optin_subline, is_published
)
select m.user_id, m.id,
    case m.title when 'Checklist 1' then 'checklist' else lower(replace(m.title, ' ', '-')) end,
    m.title || ' for a calm launch', 'Everything to do before, on and after the day', true
from magnet as m
"""

_BUSY = """
create temp table busy as
select f.id, f.user_id, f.lead_magnet_id, u.username = 'bench1' as is_mine,
    row_number() over (partition by u.username = 'bench1' order by f.slug) - 1 as number,
    count(*) over (partition by u.username = 'bench1') as siblings
from funnel_pages as f join users as u on u.id = f.user_id
where u.username like 'bench%'
"""

_LEADS = """
insert into funnel_leads (
    funnel_page_id, lead_magnet_id, user_id, email, name, utm_source, ip_address, created_at
)
select b.id, b.lead_magnet_id, b.user_id, 'lead' || n || '@bench.example', 'Lead ' || n,
    'newsletter', '10.0.0.1', now() - make_interval(secs => n::double precision / $1 * 60 * 86400)
from generate_series(1, $1) as n
join busy as b on b.is_mine = (n % 2 = 0) and b.number = (n / 2) % b.siblings
"""

_VIEWS = """
insert into page_views (funnel_page_id, visitor_hash, view_date, created_at)
select b.id, md5(n::text), (now() - age)::date, now() - age
from (
    select n, make_interval(secs => n::double precision / $1 * 60 * 86400) as age
    from generate_series(1, $1) as n
) as v
join busy as b on b.is_mine = (n % 2 = 0) and b.number = (n / 2) % b.siblings
"""

_PIPELINE = """
insert into leads (tenant_id, slug, email, full_name, status, opt_in_data, created_at, updated_at)
select p.tenant_id, 'bench-' || l.id, l.email, l.name, 'complete',
    '{"source": "organic", "touches": []}', l.created_at, l.created_at
from funnel_leads as l
join profiles as p on p.id = l.user_id
where l.email like '%@bench.example'
on conflict do nothing
"""


@dataclass(frozen=True)
class Business:
    """A filled database, and the page that is measured."""

    data_dir: Path
    url: str
    server_pid: int
    scale: float
    rows: int
    postgresql: str
    user_id: UUID
    tenant_id: UUID
    page_id: UUID
    path: str


@contextmanager
def open_business(scale: float) -> Iterator[Business]:
    """Run a server as `lodestone up` does (durable, with the same memory), filled to the scale."""
    import asyncio  # noqa: PLC0415

    directory = Path(tempfile.mkdtemp(prefix="lodestone-bench-"))
    try:
        with embedded.start(directory) as server:
            asyncio.run(_prepare(server.url))
            if scale > 0:
                _fill_demo(directory, scale)
            yield asyncio.run(_fill(directory, server, scale))
    finally:
        shutil.rmtree(directory)


async def _prepare(url: str) -> None:
    await migrations.apply(url)


def _fill_demo(directory: Path, scale: float) -> None:
    command = [sys.executable, "-m", "lodestone", "demo", "--scale", f"{scale:g}"]
    subprocess.run([*command, "--data-dir", str(directory)], check=True, stdout=sys.stderr)


async def _fill(directory: Path, server: embedded.EmbeddedServer, scale: float) -> Business:
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(_PEOPLE, CREATORS)
        await connection.execute(_TEAMS)
        await connection.execute(_PAGES, PAGES, json.dumps(_content()))
        await connection.execute(_BUSY)
        await connection.execute(_LEADS, round(LEADS * scale))
        await connection.execute(_VIEWS, round(VIEWS * scale))
        await connection.execute(_PIPELINE)
        # As the product's schedule does each hour, so that charts are measured as they are served.
        await service.add_up_days(connection)
        await connection.execute("vacuum analyze")
        await connection.execute("checkpoint")
        found = await connection.fetchrow(
            """
            select f.id as page_id, f.user_id, p.tenant_id
            from funnel_pages as f
            join users as u on u.id = f.user_id
            join profiles as p on p.id = u.id
            where u.username = 'bench1' and f.slug = $1
            """,
            SLUG,
        )
        rows = await connection.fetchval(
            "select sum(n_live_tup)::bigint from pg_stat_user_tables where schemaname = 'public'"
        )
        postgresql = str(await connection.fetchval("show server_version"))
    finally:
        await connection.close()
    if found is None:
        raise LookupError("the measured page was not made")
    return Business(
        data_dir=directory,
        url=server.url,
        server_pid=server.pid,
        scale=scale,
        rows=rows,
        postgresql=postgresql,
        path=f"/p/bench1/{SLUG}",
        **found,
    )


def _content() -> dict[str, object]:
    """Return the polished content of a magnet of usual length."""
    blocks = [{"type": "paragraph", "content": "One thing at a time, and the day is calm. " * 8}]
    sections = [
        {"id": str(n), "sectionName": f"Part {n}", "introduction": "", "blocks": blocks}
        for n in range(1, 9)
    ]
    return {"version": 1, "sections": sections, "metadata": {"readingTimeMinutes": 7}}
