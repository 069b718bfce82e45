"""Tries every command on a real row as everybody, and undoes each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import asyncpg

from tests.architecture.matrix.exceptions import Subject
from tests.architecture.matrix.expectations import Case, Command, Declaration, Outcome
from tests.architecture.matrix.rows import Rows, Values
from tests.architecture.matrix.statements import Statements
from tests.architecture.matrix.tables import Table
from tests.architecture.matrix.world import Identity, World

# An attempt ends in an error of its own, so that nothing of it is left.
ATTEMPT = """
create function pg_temp.attempt(role_name text, claims text, statement text) returns text
language plpgsql
as $$
declare
    affected bigint;
begin
    perform set_config('role', role_name, true);
    perform set_config('request.jwt.claims', claims, true);
    execute statement;
    get diagnostics affected = row_count;
    raise exception using errcode = 'ZZ000', message = affected::text;
exception
    when sqlstate 'ZZ000' then return sqlerrm;
    when others then return sqlstate || ' ' || sqlerrm;
end
$$
"""

_GRANTED = """
select e.role_name, e.command, access.granted_columns(e.table_name, e.role_name, e.command)
from access.expected_policies as e
where e.table_name = $1 and e.command <> 'delete'
"""

# A row that can't be selected can't be changed by its key either, before or after: that would hide
# a rule for changing it that is too wide.
_SHOW_ALL = """
create policy shown on public.{table} for select to anon, authenticated, svc_magnetlab,
    svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os using (true)
"""

# The rules let it through, and something else kept the row: a key that names it, an invariant.
_KEPT = {
    Command.UPDATE: ("LS409",),
    Command.UPDATE_SHOWN: ("LS409",),
    Command.DELETE: ("LS409", "23001", "23503"),
    Command.DELETE_SHOWN: ("LS409", "23001", "23503"),
}


# A reference to what the writer can't see is refused as one to what isn't there.
_UNSEEN_REFERENCE = (
    "names a row that is not there.",
    "A commission is for the partner of a referral that is paid in full.",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """How one command ended."""

    case: Case
    identity: Identity
    command: Command
    outcome: str


Attempt = tuple[Identity, Command, str]


class Trial:
    """Everything that happens to one table."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        tables: Mapping[str, Table],
        declarations: Mapping[str, Declaration],
        world: World,
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._declarations = declarations
        self._world = world

    async def run(self, name: str) -> list[Seen]:
        """Try every case of the table."""
        granted = {
            (role, command): set(columns)
            for role, command, columns in await self._connection.fetch(_GRANTED, name)
        }
        seen = []
        for case in self._declarations[name].cases():
            transaction = self._connection.transaction()
            await transaction.start()
            try:
                seen += await self._try(name, case, granted)
            finally:
                await transaction.rollback()
        return seen

    async def _try(
        self, name: str, case: Case, granted: Mapping[tuple[str, str], set[str]]
    ) -> list[Seen]:
        rows = Rows(
            self._connection, self._tables, self._world.known, self._parents_of(case.kind.of)
        )
        await self._connection.execute("set local role service_role")
        shown = case.beside.shown or {} if case.beside else {}
        values = await rows.fill(name, self._declarations[name].hidden() | case.kind.values | shown)
        elsewhere = await rows.resolve(name, case.kind.elsewhere)
        savepoint = self._connection.transaction()
        await savepoint.start()
        row = await self._subject(rows, name, case, values)
        statements = Statements(self._tables[name], row, granted)
        await self._connection.execute("reset role")
        seen = await self._attempt(case, self._on_the_row(statements))
        await self._connection.execute(_SHOW_ALL.format(table=name))
        seen += await self._attempt(case, self._on_the_shown_row(statements, elsewhere))
        await savepoint.rollback()
        await self._connection.execute("reset role")
        if case.shown_by not in ("public", "self", "member"):
            seen += await self._attempt(case, self._of_a_new_row(statements, case, values))
        return seen

    def _on_the_row(self, statements: Statements) -> Iterator[Attempt]:
        for identity in self._world.identities:
            yield identity, Command.SELECT, statements.select(identity.role)
            yield identity, Command.UPDATE, statements.update(identity.role)
            yield identity, Command.DELETE, statements.delete(identity.role)

    def _on_the_shown_row(self, statements: Statements, elsewhere: Values) -> Iterator[Attempt]:
        for identity in self._world.identities:
            yield identity, Command.UPDATE_SHOWN, statements.update(identity.role)
            yield identity, Command.DELETE_SHOWN, statements.delete(identity.role)
            if elsewhere:
                yield identity, Command.GIVE, statements.give(identity.role, elsewhere)

    def _of_a_new_row(
        self, statements: Statements, case: Case, values: Values
    ) -> Iterator[Attempt]:
        for identity in self._world.identities:
            yield (
                identity,
                Command.INSERT,
                statements.insert(
                    identity.role,
                    values,
                    set(case.kind.values),
                    is_theirs=identity.name in case.people,
                ),
            )

    def _parents_of(self, kind_name: str) -> dict[str, Values]:
        """Return how to make rows that others name, of the same kind where there is one."""
        found = {}
        for name, declaration in self._declarations.items():
            of_kind = [kind for kind in declaration.kinds if kind.name == kind_name]
            found[name] = (of_kind or list(declaration.kinds))[0].values
        return found

    async def _subject(self, rows: Rows, table: str, case: Case, values: Values) -> Values:
        """Return the row to look at, made and published."""
        if case.existing:
            return await rows.get(table, case.existing)
        row = await rows.insert(table, values)
        for companion, given in case.beside.companions if case.beside else ():
            await rows.make(
                companion,
                {
                    column: row["id"] if isinstance(value, Subject) else value
                    for column, value in given.items()
                },
            )
        return row

    async def _attempt(self, case: Case, attempts: Iterator[Attempt]) -> list[Seen]:
        listed = list(attempts)
        answers = await self._connection.fetch(
            "select pg_temp.attempt(role, claims, statement) from"
            " unnest($1::text[], $2::text[], $3::text[]) with ordinality"
            " as t (role, claims, statement, position) order by position",
            [identity.role for identity, _, _ in listed],
            [identity.claims for identity, _, _ in listed],
            [statement for _, _, statement in listed],
        )
        return [
            Seen(case, identity, command, _outcome(command, answer[0], statement))
            for (identity, command, statement), answer in zip(listed, answers, strict=True)
        ]


def _outcome(command: Command, answer: str, statement: str) -> str:
    if answer in ("0", "1"):
        return Outcome.DONE if answer == "1" else Outcome.UNSEEN
    state = answer[:5]
    if command is Command.GIVE and state == "LS409":
        return Outcome.REFUSED
    if state == "42501" or any(words in answer for words in _UNSEEN_REFERENCE):
        return Outcome.REFUSED
    if state in _KEPT.get(command, ()):
        return Outcome.DONE
    return f"{answer} ({statement})"
