"""One request to the data API, as its handlers see it."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

import asyncpg
from starlette.requests import Request

from lodestone.platform.database import Database, Tx
from lodestone.platform.runtime import ApiLimits
from lodestone.rest.catalog import Catalog, Table
from lodestone.rest.errors import unknown_table
from lodestone.rest.grammar.preferences import Preferences
from lodestone.rest.keys import Holder
from lodestone.rest.sql.binding import Statement


class Undone(Exception):
    """Ends a transaction that the caller wanted undone."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, for what, and what there is."""

    request: Request
    bearer: Holder
    catalog: Catalog
    limits: ApiLimits
    database: Database
    preferences: Preferences
    query_string: bytes

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters of the address, decoded, in their order."""
        return parse_qsl(self.query_string.decode(errors="replace"), keep_blank_values=True)

    @property
    def table(self) -> Table:
        """Return the table of the address. Raises RestError PGRST205."""
        name = self.request.path_params["table"]
        found = self.catalog.tables.get(name)
        if found is None:
            raise unknown_table(name)
        return found

    @property
    def accept(self) -> str | None:
        """Return the `Accept` header."""
        return self.request.headers.get("accept")


async def run(tx: Tx, statement: Statement, limits: ApiLimits) -> asyncpg.Record:
    """Return the one row of a statement. Raises TimeoutError when it takes too long."""
    row = await tx.fetchrow(statement.text, *statement.values, timeout=limits.statement_seconds)
    if row is None:
        raise LookupError("a finished answer is one row, and there was none")
    return row
