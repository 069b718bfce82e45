"""What the declarations promise: for a kind of row and an identity, the outcome of each command."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import asyncpg

from tests.architecture.matrix.exceptions import BESIDE, PERSONS, Beside
from tests.architecture.matrix.rows import Values
from tests.architecture.matrix.scopes import Kind, Scope, kinds
from tests.architecture.matrix.tables import Table
from tests.architecture.matrix.world import Identity


class Outcome(StrEnum):
    """How a command on one row ends."""

    DONE = "done"
    UNSEEN = "no such row"
    REFUSED = "refused"


class Command(StrEnum):
    """What is tried on a row; the last three ask for more than four commands tell.

    They are tried where everybody may see the row, and `GIVE` carries it to the other business.
    """

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"
    UPDATE_SHOWN = "update when shown"
    DELETE_SHOWN = "delete when shown"
    GIVE = "give away"

    @property
    def privilege(self) -> str:
        """Return the privilege that it takes."""
        return "update" if self is Command.GIVE else self.value.partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of `access.rules`."""

    role: str
    command: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Case:
    """A row to try: its kind, the rule that it satisfies beside the scope, if any."""

    kind: Kind
    shown_by: str | None = None
    beside: Beside | None = None

    @property
    def name(self) -> str:
        return f"{self.kind.name}, {self.shown_by}" if self.shown_by else self.kind.name

    @property
    def existing(self) -> str | None:
        """Return the name of the row of the world that is tried."""
        return (self.beside and self.beside.existing) or self.kind.existing

    @property
    def people(self) -> frozenset[str]:
        """Return those in whose scope the row is."""
        return frozenset() if self.beside and self.beside.is_nobodys else self.kind.people


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that is declared of a table."""

    scope: Scope
    grants: tuple[Grant, ...]
    kinds: tuple[Kind, ...]

    def beside(self) -> dict[str, Beside]:
        """Return what each pattern of the table's rules means."""
        patterns = {grant.pattern for grant in self.grants}
        return {
            pattern: BESIDE.get((self.scope.table, pattern)) or Beside(PERSONS[pattern])
            for pattern in sorted(patterns)
        }

    def hidden(self) -> Values:
        """Return the values of rows that no rule shows."""
        found: Values = {}
        for beside in self.beside().values():
            found |= beside.hidden
        return found

    def cases(self) -> list[Case]:
        """Return a row of each kind, and one for each rule that shows only some rows."""
        shown = [
            Case(self.kinds[0], pattern, beside)
            for pattern, beside in self.beside().items()
            if not beside.is_always
        ]
        return [*(Case(kind) for kind in self.kinds), *shown]

    def expect(self, case: Case, identity: Identity, command: Command) -> set[Outcome]:
        """Return how the command may end for the identity."""
        if command is Command.GIVE:
            return {Outcome.REFUSED, Outcome.UNSEEN}
        privilege = command.privilege
        if not self._is_granted(identity, privilege):
            return {Outcome.REFUSED}
        if command is Command.INSERT:
            return {Outcome.DONE if self._may_insert(case, identity) else Outcome.REFUSED}
        if not self._is_granted(identity, "select"):
            return {Outcome.REFUSED}
        needed = {privilege} if command.value.endswith("shown") else {privilege, "select"}
        if all(self._is_theirs(case, identity, each) for each in needed):
            return {Outcome.DONE}
        return {Outcome.UNSEEN}

    def _is_granted(self, identity: Identity, command: str) -> bool:
        if identity.writer is not None:
            return identity.writer == self.scope.writer or (
                command == "select" and identity.writer in self.scope.readers
            )
        of_scope = identity.role == "authenticated" and command in self.scope.commands
        return of_scope or any(
            grant.role == identity.role and grant.command == command for grant in self.grants
        )

    def _is_theirs(self, case: Case, identity: Identity, command: str) -> bool:
        if identity.writer is not None:
            return self._is_service_s(case, identity, command)
        if command in self.scope.commands and identity.name in case.people:
            return True
        return self._is_shown(case, identity.name, identity.role, command)

    def _is_service_s(self, case: Case, identity: Identity, command: str) -> bool:
        if self.scope.pattern == "service" or identity.acts_for in case.people:
            return True
        if command != "select" or identity.acts_for is None:
            return False
        return self._is_shown(
            case, identity.acts_for, "authenticated", command, of=("member", "self")
        )

    def _is_shown(
        self, case: Case, name: str, role: str, command: str, of: tuple[str, ...] | None = None
    ) -> bool:
        patterns = {
            grant.pattern
            for grant in self.grants
            if grant.role == role and grant.command == command
        }
        return any(
            name in beside.people and self._applies(case, pattern, beside)
            for pattern, beside in self.beside().items()
            if pattern in patterns and (of is None or pattern in of)
        )

    def _applies(self, case: Case, pattern: str, beside: Beside) -> bool:
        if case.kind.name == "student's" and pattern in PERSONS:
            return False
        return (
            beside.is_always
            or case.shown_by == pattern
            or (case.beside is not None and pattern in case.beside.also)
        )

    def _may_insert(self, case: Case, identity: Identity) -> bool:
        if identity.writer is not None:
            return self.scope.pattern == "service" or (
                case.kind.existing is None and identity.acts_for in case.people
            )
        if "insert" in self.scope.commands and identity.name in case.kind.writers:
            return case.kind.existing is None
        return self._is_shown(case, identity.name, identity.role, "insert")


async def read_declarations(
    connection: asyncpg.Connection, tables: Mapping[str, Table]
) -> dict[str, Declaration]:
    """Return what the migrated database declares of each table."""
    scopes = {
        row["table_name"]: Scope(
            row["table_name"],
            row["pattern"],
            row["detail"],
            frozenset(row["commands"]),
            row["writer"],
            frozenset(row["readers"]),
        )
        for row in await connection.fetch(
            "select * from access.scopes join access.ownership using (table_name)"
        )
    }
    grants: dict[str, list[Grant]] = {}
    for row in await connection.fetch("select * from access.rules"):
        grants.setdefault(row["table_name"], []).append(
            Grant(row["role_name"], row["command"], row["pattern"])
        )
    return {
        name: Declaration(scope, tuple(grants.get(name, ())), tuple(kinds(scope, scopes, tables)))
        for name, scope in scopes.items()
    }
