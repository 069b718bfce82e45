"""Makes a row of any table: fills what it requires by types and checks, and the rows it names."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import asyncpg

from tests.architecture.matrix.tables import Column, Table

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class New:
    """A row of its own for a reference, where the shared one won't do."""

    table: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """The id of somebody or something of the world, by name."""

    name: str


class Filled:
    """A column to fill although it may stay empty."""


FILLED = Filled()
_HEX = "0123456789abcdef" * 4

# What a check or a trigger asks for that the shape of the table doesn't tell.
NEEDED: dict[str, Values] = {
    "admin_audit_log": {"action": "plan.changed"},
    "saved_views": {"list": "/app/leads", "query": "?q=ann"},
    "affiliate_payouts": {
        "referral_id": New(
            "referrals", {"status": "paid_in_full", "total_price": 1, "amount_paid": 1}
        )
    },
    "bootcamp_contacts": {"list_id": FILLED},
    "cp_knowledge_corroborations": {"corroborated_by": New("cp_knowledge_entries")},
    "cp_post_engagements": {"post_id": FILLED},
    "dfy_activity_log": {"action": "file_added"},
    "dm_stage_transitions": {"from_stage": "new", "to_stage": "opening"},
    "email_events": {"email_id": "message"},
    "email_outbox": {"kind": "transactional"},
    "email_provider_events": {"provider": "resend"},
    "email_sequences": {"lead_magnet_id": New("lead_magnets")},
    "funnel_pages": {"lead_magnet_id": New("lead_magnets")},
    "infra_quotes": {"products": ["email_infra"]},
    "library_items": {"asset_type": "lead_magnet", "lead_magnet_id": FILLED},
    "portal_login_codes": {"affiliate_id": FILLED},
    "portal_sessions": {"affiliate_id": FILLED},
    "service_keys": {"service_id": "gtm-system", "allowed_actions": ["accounts.create"]},
    "student_cohorts": {"cohort_id": New("lms_cohorts")},
    "team_invitations": {"team_profile_id": FILLED},
    "user_identities": {"provider": "google"},
    "user_avatars": {"content_type": "image/png", "version": "0123456789abcdef"},
}

_BY_NAME: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"email|^recipient$|^identifier$"), "n{n}@example.com"),
    (re.compile(r"url$|_link$"), "https://example.com/{n}"),
    (re.compile(r"domain"), "d{n}.example.com"),
    (re.compile(r"slug$|^username$"), "s{n}"),
    (re.compile(r"(hash|token)$"), "{hex}"),
    (re.compile(r"^code$"), "CODE{n}"),
    (re.compile(r"suffix$"), "{n:04d}"),
    (re.compile(r"month_year"), "2026-01"),
)

_BY_TYPE: dict[str, Any] = {
    "bigint": 1,
    "boolean": False,
    "bytea": "\\x00",
    "date": "2026-01-05",
    "double precision": 1,
    "integer": 1,
    "numeric": 1,
    "smallint": 1,
    "time without time zone": "09:00",
    "timestamp with time zone": "2026-01-05T09:00:00+00:00",
}

_numbers = count(1)


def invent(column: Column) -> Any:
    """Return a value that the column's type and check take, new each time where it can be."""
    if column.choices:
        return column.choices[0]
    if column.type == "text":
        return _text(column, next(_numbers))
    if column.type == "uuid":
        return str(uuid4())
    if column.type.endswith("[]") or column.is_list:
        return []
    return {} if column.type == "jsonb" else _BY_TYPE[column.type]


def _text(column: Column, number: int) -> str:
    for pattern, template in _BY_NAME:
        if pattern.search(column.name):
            return template.format(n=number, hex=f"{number:08x}{_HEX[8:]}")
    return f"text {number}"


class Rows:
    """Makes rows in one transaction, as the service key; the rows they name are made once."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        tables: Mapping[str, Table],
        known: Mapping[str, str],
        parents: Mapping[str, Values],
    ) -> None:
        """`known` are ids by name; `parents` say how to make a row that another names."""
        self._connection = connection
        self._tables = tables
        self._known = known
        self._parents = parents
        self._made: dict[str, Values] = {}

    async def fill(self, name: str, given: Mapping[str, Any]) -> Values:
        """Return values for `given`, and for every other column that the row can't do without."""
        table = self._tables[name]
        values = {**NEEDED.get(name, {}), **given}
        for column in table.columns.values():
            if column.is_required or self._is_of_somebody(column):
                values.setdefault(column.name, FILLED)
        return await self.resolve(name, values)

    async def resolve(self, name: str, values: Mapping[str, Any]) -> Values:
        """Return the values with ids for who and what they name."""
        columns = self._tables[name].columns
        return {
            column: await self._resolve(columns[column], value) for column, value in values.items()
        }

    async def get(self, name: str, known: str) -> Values:
        """Return a row of the world, whole."""
        row = await self._connection.fetchval(
            f"select to_jsonb({name}) from public.{name} where id = $1::uuid", self._known[known]
        )
        found: Values = json.loads(row)
        return found

    def _is_of_somebody(self, column: Column) -> bool:
        """Return whether the column's default depends on who writes: its tenant or its team."""
        return column.parent in ("tenants", "teams") and not column.is_nullable

    async def insert(self, name: str, values: Values) -> Values:
        """Insert a row and return it whole."""
        row = await self._connection.fetchval(
            f"{insert_statement(name, values)} returning to_jsonb({name})"
        )
        made: Values = json.loads(row)
        return made

    async def make(self, name: str, given: Mapping[str, Any]) -> Values:
        """Fill and insert a row and return it whole."""
        return await self.insert(name, await self.fill(name, given))

    async def _resolve(self, column: Column, value: Any) -> Any:
        if isinstance(value, Known):
            return self._known[value.name]
        if isinstance(value, New):
            given = {**self._parents.get(value.table, {}), **value.values}
            return (await self.make(value.table, given))["id"]
        if not isinstance(value, Filled):
            return value
        return await self._parent(column.parent) if column.parent else invent(column)

    async def _parent(self, name: str) -> Any:
        if name in self._known:
            return self._known[name]
        if name not in self._made:
            self._made[name] = await self.make(name, self._parents.get(name, {}))
        return self._made[name]["id"]


def insert_statement(table: str, values: Values) -> str:
    """Return the statement that inserts the values, which need no binding: they are our own."""
    if not values:
        return f"insert into public.{table} default values"
    columns = ", ".join(f'"{column}"' for column in values)
    literal = json.dumps(values).replace("'", "''")
    return (
        f"insert into public.{table} ({columns}) select {columns}"
        f" from jsonb_populate_record(null::public.{table}, '{literal}')"
    )
