"""Whatever a person can set, run or read about has its place in the documents."""

from pathlib import Path

import asyncpg

from lodestone.app import DOMAINS
from lodestone.platform.jobs import discover_jobs, registered_jobs, registered_schedules
from lodestone.settings import Settings, variable

_DOCS = Path(__file__).parents[2] / "docs"


def _missing(page: str, names: list[str]) -> list[str]:
    text = (_DOCS / page).read_text()
    return [name for name in names if f"`{name}`" not in text]


async def test_every_table_is_in_the_schema_reference(connection: asyncpg.Connection) -> None:
    tables = await connection.fetch(
        "select relname::text from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')"
    )
    assert _missing("reference/schema.md", [row[0] for row in tables]) == []


def test_every_setting_is_in_its_reference() -> None:
    names = [variable(name) for name in Settings.model_fields]
    assert _missing("reference/settings.md", names) == []


def test_every_job_and_schedule_is_in_their_reference() -> None:
    discover_jobs("lodestone.domains")
    names = [found.name for found in registered_jobs()]
    names += [found.name for found in registered_schedules()]
    ours = [name for name in names if name.partition(":")[0] in ("platform", *DOMAINS)]
    assert _missing("reference/jobs.md", ours) == []


def test_every_built_domain_has_a_page() -> None:
    assert [name for name in DOMAINS if not (_DOCS / "domains" / f"{name}.md").is_file()] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(_DOCS)}: {target}"
        for page in _DOCS.rglob("*.md")
        for target in _links(page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []


def _links(text: str) -> list[str]:
    """Return the relative targets of a page's links, without their anchors."""
    targets = [part.split(")")[0].split("#")[0] for part in text.split("](")[1:]]
    return [target for target in targets if target and "://" not in target]
