"""Whose rows there are: for each pattern of access, rows of each kind and their people.

The people follow from the pattern and its detail, never from the predicate that is tested.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tests.architecture.matrix.rows import FILLED, Known, New, Values
from tests.architecture.matrix.tables import Table

TEAM = frozenset({"owner", "team member"})
TENANT = frozenset({"owner", "tenant member"})
OWNER = frozenset({"owner"})
NOBODY: frozenset[str] = frozenset()

_REFERENCE = re.compile(r"(\w+) → (\w+)")


@dataclass(frozen=True, slots=True)
class Scope:
    """How a table is declared: `access.scopes`, `access.ownership`."""

    table: str
    pattern: str
    detail: str
    commands: frozenset[str]
    writer: str
    readers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of one kind: what makes them so, whom they belong to, and who may write such a row.

    `of` names the kind that the rows it refers to have, `elsewhere` the values that carry the row
    to the other business. `existing` is a row of the world to look at instead of a new one.
    """

    name: str
    of: str
    values: Values
    people: frozenset[str]
    writers: frozenset[str]
    elsewhere: Values = field(default_factory=dict)
    existing: str | None = None


def kinds(scope: Scope, scopes: Mapping[str, Scope], tables: Mapping[str, Table]) -> list[Kind]:
    """Return the kinds of rows that a table holds on our side."""
    column, _, note = scope.detail.partition(", ")
    table = tables[scope.table]
    match scope.pattern:
        case "owner":
            return _owned(table, column, note)
        case "tenant":
            people = OWNER if note == "owners and admins" else TENANT
            if table.key == [column]:
                return [_existing(people, "ours tenant")]
            return [_of_side("tenant", column, people)]
        case "team":
            people = OWNER if note == "its owner alone" else TEAM
            held = "profile" if column == "profile_id" else "team"
            return [replace(_of_side(held, column, people), name="team", of="team")]
        case "through":
            return _children(scope, scopes, tables)
        case "service":
            return [Kind("installation", "installation", {}, NOBODY, NOBODY)]
    raise LookupError(f"{scope.table}: no such pattern as {scope.pattern}")


def _of_side(held: str, column: str, people: frozenset[str]) -> Kind:
    ours, theirs = {column: Known(f"ours {held}")}, {column: Known(f"theirs {held}")}
    return Kind(held, held, ours, people, people, theirs)


def _existing(people: frozenset[str], name: str) -> Kind:
    return Kind("own", "own", {}, people, NOBODY, existing=name)


def _owned(table: Table, column: str, profile_column: str) -> list[Kind]:
    if table.key == [column]:
        return [_existing(OWNER, "owner")]
    personal = Kind(
        "personal",
        "personal",
        {column: Known("owner")},
        OWNER,
        OWNER,
        {column: Known("stranger")},
    )
    if table.columns[column].type == "text":
        student = frozenset({"student"})
        return [
            personal,
            Kind(
                "student's",
                "student's",
                {column: Known("student")},
                student,
                student,
                {column: Known("another student")},
            ),
        ]
    shared = profile_column or "team_id"
    if shared not in table.columns:
        return [personal]
    held = _of_side("profile" if profile_column else "team", shared, TEAM)
    made = [
        replace(
            held,
            name="team" if author == "owner" else "team member's",
            of="team",
            values={column: Known(author), **held.values},
            writers=frozenset({author}),
        )
        for author in ("owner", "team member")
    ]
    return [personal, *made] if table.columns[shared].is_nullable else made


def _children(scope: Scope, scopes: Mapping[str, Scope], tables: Mapping[str, Table]) -> list[Kind]:
    found = []
    references = _REFERENCE.findall(scope.detail)
    _, is_signed, signature = scope.detail.partition(", signed ")
    for column, parent in references:
        for kind in kinds(scopes[parent], scopes, tables):
            if kind.name != kind.of:
                continue
            child = replace(
                kind,
                values={column: FILLED},
                writers=kind.people,
                elsewhere={column: New(parent, {**kind.values, **kind.elsewhere})},
            )
            if is_signed:
                child = replace(
                    child, values={column: FILLED, signature: Known("owner")}, writers=OWNER
                )
            if len(references) > 1:
                child = replace(child, name=f"{kind.name}, by {column}")
            found.append(child)
    return found
