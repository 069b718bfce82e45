"""Where the columns of a view come from, so that views are related as their tables are.

PostgreSQL keeps a view as a parsed tree whose entries name the table and column they read. The
entries of the view itself stand behind those of its subqueries, so the last one of a place counts.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from lodestone.rest.catalog import Table

_ENTRY = re.compile(
    r":resno (\d+) :resname (?:\\.|[^\s\\])+ :ressortgroupref \d+"
    r" :resorigtbl (\d+) :resorigcol (\d+) :resjunk false"
)
_MOST_COPIES = 16

Origins = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
"""From a table's column to the columns of views that show it."""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of a table, or the same seen through a view: pairs of (own, its) columns."""

    name: str
    origin: str
    target: str
    pairs: tuple[tuple[str, str], ...]
    is_unique: bool


def find_origins(
    rules: Sequence[asyncpg.Record], names: Mapping[int, str], tables: Mapping[str, "Table"]
) -> Origins:
    """Return which columns of views show which columns of tables."""
    numbered = {
        table.name: {column.number: column.name for column in table.columns.values()}
        for table in tables.values()
    }
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for rule in rules:
        view = names.get(rule["view_oid"])
        if view is None:
            continue
        places = {int(one[0]): (int(one[1]), int(one[2])) for one in _ENTRY.findall(rule["action"])}
        for number, (table_oid, column) in places.items():
            table = names.get(table_oid)
            if table is not None and number in numbered[view] and column in numbered[table]:
                source = (table, numbered[table][column])
                found[source].append((view, numbered[view][number]))
    return found


def keys_of_views(keys: Sequence[ForeignKey], origins: Origins) -> list[ForeignKey]:
    """Return the foreign keys as views show them, at either end or both."""
    found: dict[ForeignKey, None] = {}
    for key in keys:
        owns = _showings(key.origin, [ours for ours, _ in key.pairs], origins)
        theirs = _showings(key.target, [target for _, target in key.pairs], origins)
        for (origin, own), (target, their) in itertools.product(owns, theirs):
            if (origin, target) != (key.origin, key.target):
                pairs = tuple(zip(own, their, strict=True))
                found[ForeignKey(key.name, origin, target, pairs, key.is_unique)] = None
    return list(found)


def _showings(
    table: str, columns: Sequence[str], origins: Origins
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the table itself and every view that shows all of the columns."""
    found = [(table, tuple(columns))]
    shown = [dict(origins.get((table, column), ())) for column in columns]
    found += [
        (view, tuple(one[view] for one in shown))
        for view in (shown[0] if shown else ())
        if all(view in one for one in shown)
    ]
    return found[:_MOST_COPIES]
