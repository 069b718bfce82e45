"""The schema reference as Markdown: what is where, who writes it, who may see it."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import asyncpg

from lodestone.platform.schema.inventory import Column, Inventory, Table, take_inventory

DOMAINS = (
    ("identity", "Identity and access"),
    ("lead_magnets", "Lead magnets"),
    ("funnels", "Funnels"),
    ("content", "Content pipeline"),
    ("blueprint", "Blueprint pipeline"),
    ("operations", "Operations: leads and events"),
    ("enrichment", "Cold email and enrichment"),
    ("dm", "Direct messages"),
    ("dfy", "Done-for-you engagements"),
    ("infra", "Infrastructure provisioning"),
    ("tam", "Market analysis"),
    ("lms", "Bootcamp and courses"),
    ("email", "Email"),
    ("finance", "Money and usage"),
    ("prompts", "AI prompts"),
    ("affiliates", "Members and affiliates"),
)
KEY_COLUMNS_SHOWN = 8
UNTOLD = frozenset({"id", "created_at", "updated_at"})
NAMES = frozenset({"code", "email", "full_name", "key", "linkedin_url", "name", "slug", "title"})

PATTERNS = {
    "owner": "the row's person, or the people of the team it names",
    "tenant": "the people of the row's tenant",
    "team": "the people of the row's team",
    "through": "whoever its parent row belongs to",
    "service": "nobody but the writer and the service key",
}


async def write(url: str) -> str:
    """Return the reference of the database at `url`."""
    connection = await asyncpg.connect(url)
    try:
        return render(await take_inventory(connection))
    finally:
        await connection.close()


def render(inventory: Inventory) -> str:
    """Return the reference as Markdown; the same inventory gives the same text."""
    parts = [
        *_head(inventory),
        *_domains(inventory),
        *_enums(inventory),
        *_foreign_keys(inventory),
        *_access(inventory),
        *_state_machines(inventory),
        *_functions(inventory),
        *_internals(inventory),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _head(inventory: Inventory) -> Iterator[str]:
    columns = sum(len(table.columns) for table in inventory.tables)
    rows = sum(table.rows for table in inventory.tables)
    yield from (
        "# Schema reference",
        "",
        (
            "Written by `lodestone schema reference` from a live database; edit the migrations,"
            " not this page."
        ),
        "",
        (
            f"**Stats:** {len(inventory.tables)} tables, {columns:,} columns, "
            f"{len(inventory.foreign_keys)} foreign keys, {len(inventory.enums)} enums, "
            f"{inventory.policy_count:,} row-security policies, {rows:,} rows"
        ),
        "",
        "## How to read this",
        "",
        (
            "Tables stand under the domain that works with them. Each has one service that writes"
            " it (**W**) and those that only read it (**R**); a service that is not named has no"
            " rights on the table. `a→b` is a column that refers to table `b`."
        ),
        "",
    )


def _domains(inventory: Inventory) -> Iterator[str]:
    known = [name for name, _ in DOMAINS]
    others = sorted({table.domain for table in inventory.tables} - set(known))
    titles = [*DOMAINS, *((name, name or "Not declared") for name in others)]
    number = 0
    for domain, title in titles:
        tables = [table for table in inventory.tables if table.domain == domain]
        if not tables:
            continue
        number += 1
        yield from (f"## {number}. {title} ({_ownership(tables)})", "")
        yield from _grid(
            ("Table", "Rows", "Key columns", "W", "R", "Purpose"),
            (
                (
                    f"`{table.name}`",
                    f"{'about ' if table.is_estimate else ''}{table.rows:,}",
                    _key_columns(table),
                    table.writer,
                    ", ".join(table.readers),
                    table.purpose,
                )
                for table in tables
            ),
        )


def _ownership(tables: Sequence[Table]) -> str:
    writers = sorted({table.writer for table in tables})
    readers = sorted({reader for table in tables for reader in table.readers} - set(writers))
    return ", ".join(
        [*(f"{writer} W" for writer in writers), *(f"{reader} R" for reader in readers)]
    )


def _key_columns(table: Table) -> str:
    """Return the columns by which a table is understood, the most telling ones, in their order."""
    ranked = sorted((column for column in table.columns if column.name not in UNTOLD), key=_rank)
    chosen = {column.name for column in ranked[:KEY_COLUMNS_SHOWN]}
    return ", ".join(_column(column) for column in table.columns if column.name in chosen)


def _rank(column: Column) -> int:
    if column.is_key or column.target:
        return 0
    if column.enum or column.name == "status" or column.type.startswith("vector"):
        return 1
    if column.name in NAMES:
        return 2
    return 3 if column.type == "jsonb" else 4


def _column(column: Column) -> str:
    if column.target:
        return f"{column.name}→{column.target}"
    if column.enum:
        return f"{column.name} (enum)"
    if column.type.startswith(("vector", "jsonb")):
        return f"{column.name} ({column.type})"
    return column.name


def _enums(inventory: Inventory) -> Iterator[str]:
    users: dict[str, list[str]] = {}
    for table in inventory.tables:
        for column in table.columns:
            if column.enum:
                users.setdefault(column.enum, []).append(f"{table.name}.{column.name}")
    yield from ("## Enums", "")
    yield from _grid(
        ("Enum", "Values", "Used by"),
        (
            (f"`{name}`", ", ".join(labels), ", ".join(users.get(name, ())))
            for name, labels in inventory.enums
        ),
    )


def _foreign_keys(inventory: Inventory) -> Iterator[str]:
    yield from (
        "## Foreign-key map",
        "",
        "Who refers to each table, and what deleting its row does there.",
        "",
        "```",
    )
    for target, keys in groupby(inventory.foreign_keys, key=lambda key: key.target):
        lines = [f"{key.table}.{', '.join(key.columns)} ({key.on_delete})" for key in keys]
        last = len(lines) - 1
        for index, line in enumerate(lines):
            stem = f"{target} " if index == 0 else " " * (len(target) + 1)
            fork = _fork(index, last)
            yield f"{stem}{fork} {line}"
    yield from ("```", "")


def _fork(index: int, last: int) -> str:
    if last == 0:
        return "───"
    if index == 0:
        return "─┬─"
    return " └─" if index == last else " ├─"


def _access(inventory: Inventory) -> Iterator[str]:
    yield from ("## Access of each table", "", "Whose row it is:", "")
    for pattern, meaning in PATTERNS.items():
        count = sum(table.pattern == pattern for table in inventory.tables)
        yield f"- **{pattern}** ({count} tables): {meaning}"
    yield from (
        "",
        (
            "*Members may* says what those people do themselves; writers and readers act for them."
            " *Withheld* columns are read and written by the writer alone; *kept* ones people read"
            " and services write."
        ),
        "",
    )
    yield from _grid(
        ("Table", "Pattern", "By", "Members may", "Also", "Withheld", "Kept"),
        (
            (
                f"`{table.name}`",
                table.pattern,
                table.detail,
                _commands(table.commands),
                _beside(inventory, table.name),
                ", ".join(inventory.withheld.get(table.name, ((), ()))[0]),
                ", ".join(inventory.withheld.get(table.name, ((), ()))[1]),
            )
            for table in inventory.tables
        ),
    )


def _beside(inventory: Inventory, table: str) -> str:
    return "; ".join(
        f"{rule.role} {_commands(rule.commands)} ({rule.reason})"
        for rule in inventory.rules
        if rule.table == table
    )


def _commands(commands: Sequence[str]) -> str:
    order = ("select", "insert", "update", "delete")
    return "all" if set(commands) == set(order) else ", ".join(c for c in order if c in commands)


def _state_machines(inventory: Inventory) -> Iterator[str]:
    yield from (
        "## State machines",
        "",
        "Every other move is refused by the database.",
        "",
    )
    for (table, column), machine in inventory.transitions.items():
        yield from (f"### `{table}.{column}`", "")
        yield from _grid(
            ("From", "To"), ((start, ", ".join(ends)) for start, ends in machine.items())
        )


def _functions(inventory: Inventory) -> Iterator[str]:
    yield from ("## Functions", "")
    yield from _grid(
        ("Function", "Purpose"), ((f"`{name}`", text) for name, text in inventory.functions)
    )


def _internals(inventory: Inventory) -> Iterator[str]:
    yield from ("## Internals", "", "Not exposed by the data API.", "")
    yield from _grid(
        ("Table", "Purpose"), ((f"`{name}`", text) for name, text in inventory.internals)
    )


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---' for _ in head)}|"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
