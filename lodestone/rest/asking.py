"""One request to the data API, as its handlers see it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import parse_qsl

import asyncpg
from starlette.types import Receive

from lodestone.platform.database import Tx
from lodestone.platform.lanes import Lane
from lodestone.platform.runtime import ApiLimits
from lodestone.rest import surroundings
from lodestone.rest.answers import Answer, Media, Plan, answer, negotiate
from lodestone.rest.catalog import Catalog, Function, Table
from lodestone.rest.errors import RestError, unknown_table
from lodestone.rest.grammar.preferences import Preferences, parse_preferences
from lodestone.rest.kept import Kept, Key
from lodestone.rest.keys import Holder, Session
from lodestone.rest.sql.binding import Statement
from lodestone.rest.surroundings import NOTHING_SAID, Said


class Undone(Exception):
    """Ends a transaction that the caller wanted undone."""


@dataclass
class Ask:
    """Who asks, for what, and what there is; `name` is the table or function of the address."""

    method: str
    path: str
    name: str
    headers: Mapping[bytes, bytes]
    query_string: bytes
    receive: Receive
    session: Session
    kept: Kept
    limits: ApiLimits
    lane: Lane

    @property
    def catalog(self) -> Catalog:
        """Return what there is."""
        return self.kept.catalog

    def key(self, kind: str, *more: bytes | tuple[str, ...] | None) -> Key:
        """Return what this request is kept by: all that its statement is made of."""
        given = self.headers.get
        return (
            kind,
            self.name,
            self.role,
            self.query_string,
            given(b"accept"),
            given(b"prefer"),
            *more,
        )

    @property
    def bearer(self) -> Holder:
        """Return who asks."""
        return self.session.holder

    @property
    def role(self) -> str:
        """Return the database role of whoever asks."""
        return self.session.holder.role

    @cached_property
    def preferences(self) -> Preferences:
        """Return the `Prefer` header. Raises RestError PGRST122."""
        found = parse_preferences(self.header(b"prefer") or "")
        zone = found.timezone
        if zone is None or zone in self.catalog.timezones:
            return found
        if found.handling == "strict":
            raise RestError(
                "Invalid preferences given with handling=strict",
                code="PGRST122",
                details=f"Invalid preferences: timezone={zone}",
            )
        return found.without_timezone()

    @property
    def followed(self) -> Preferences:
        """Return the preferences, less what the settings don't allow."""
        if self.preferences.tx is None or self.limits.allow_rollback:
            return self.preferences
        return replace(self.preferences, tx=None)

    @property
    def callable_names(self) -> list[str]:
        """Return the functions that whoever asks may call, for hints."""
        return [
            name
            for name, overloads in self.catalog.functions.items()
            if any(self.role in one.callers for one in overloads)
        ]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, decoded, in their order."""
        return parse_qsl(self.query_string.decode(errors="replace"), keep_blank_values=True)

    @property
    def table(self) -> Table:
        """Return the table of the address. Raises RestError PGRST205."""
        found = self.catalog.tables.get(self.name)
        if found is None:
            readable = [
                name for name, one in self.catalog.tables.items() if one.readable(self.role)
            ]
            raise unknown_table(self.name, readable)
        return found

    @property
    def media(self) -> Media:
        """Return the form to answer in. Raises RestError PGRST107."""
        return negotiate(self.header(b"accept"), plans=self.limits.show_plans)

    def header(self, name: bytes) -> str | None:
        """Return a header by its name in lower case."""
        found = self.headers.get(name)
        return None if found is None else found.decode("latin-1")

    @property
    def needs_settling(self) -> bool:
        """Whether `settle` may have anything to do, for what is not a function."""
        if b"prefer" in self.headers and self.preferences.timezone is not None:
            return True
        return self.catalog.reads_requests

    async def hear(self, tx: Tx) -> Said:
        """Return what functions said about the answer."""
        if not self.catalog.sets_responses:
            return NOTHING_SAID
        return await surroundings.read_response(tx)

    async def settle(self, tx: Tx, function: Function | None = None) -> None:
        """Tell the transaction what else it has to know of this request, if anything."""
        settings: dict[str, str] = {}
        if self.headers.get(b"prefer") is not None and self.preferences.timezone is not None:
            settings["timezone"] = self.preferences.timezone
        if function is not None and function.timeout is not None:
            settings["statement_timeout"] = function.timeout
        if self.catalog.reads_requests:
            settings |= surroundings.of_request(self.method, self.path, self.headers)
        if settings:
            await surroundings.write(tx, settings)


async def explain(ask: Ask, plan: Plan, statement: Statement, begin: str) -> Answer:
    """Return PostgreSQL's plan of a statement, in a transaction of its own."""
    options = ", ".join((f"format {plan.form}", *plan.options))
    async with ask.lane.transaction(begin) as tx:
        await ask.settle(tx)
        rows = await tx.fetch(f"explain ({options}) {statement.text}", *statement.values)
    if plan.form == "json":
        body = json.dumps(rows[0][0]).encode()
    else:
        body = "\n".join(row[0] for row in rows).encode() + b"\n"
    return answer(200, {"content-type": ask.media.content_type}, body)


async def run(tx: Tx, statement: Statement) -> asyncpg.Record:
    """Return the one row of a statement."""
    row = await tx.fetchrow(statement.text, *statement.values)
    if row is None:
        raise LookupError("a finished answer is one row, and there was none")
    return row
