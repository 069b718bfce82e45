"""What to try on one row, with the columns that each role is given."""

from collections.abc import Mapping

from tests.architecture.matrix.rows import Values, insert_statement
from tests.architecture.matrix.tables import Table


class Statements:
    """The statements of every role on one row."""

    def __init__(
        self, table: Table, row: Values, granted: Mapping[tuple[str, str], set[str]]
    ) -> None:
        """`granted` are the columns declared for a role and a command."""
        self._table = table
        self._row = row
        self._granted = granted

    def select(self, role: str) -> str:
        """Return a select of every column that the role may read."""
        columns = self._granted.get((role, "select")) or set(self._table.key)
        listed = ", ".join(f'"{column}"' for column in sorted(columns))
        return f"select {listed} from public.{self._table.name} where {self._condition(role)}"

    def update(self, role: str) -> str:
        """Return an update that leaves the row as it is."""
        column = self._changed(role)
        return self._update(role, f'"{column}" = "{column}"')

    def give(self, role: str, elsewhere: Values) -> str:
        """Return an update that carries the row out of its scope."""
        return self._update(
            role, ", ".join(f'"{name}" = {_literal(value)}' for name, value in elsewhere.items())
        )

    def delete(self, role: str) -> str:
        """Return the deletion of the row."""
        return f"delete from public.{self._table.name} where {self._condition(role)}"

    def insert(self, role: str, values: Values, scope: set[str], *, is_theirs: bool) -> str:
        """Return an insert of what the role may set; who tries it for others names them too."""
        granted = self._granted.get((role, "insert"), set(values))
        if not is_theirs:
            granted = granted | scope
        return insert_statement(
            self._table.name,
            {column: value for column, value in values.items() if column in granted},
        )

    def _update(self, role: str, assignments: str) -> str:
        table = self._table.name
        return f"update public.{table} set {assignments} where {self._condition(role)}"

    def _condition(self, role: str) -> str:
        readable = self._granted.get((role, "select"))
        columns = self._table.key
        if readable is not None and not set(columns) <= readable:
            columns = [
                column
                for column in sorted(readable)
                if self._table.columns[column].type == "text" and self._row[column] is not None
            ]
        return " and ".join(f'"{column}" = {_literal(self._row[column])}' for column in columns)

    def _changed(self, role: str) -> str:
        """Return a column that the role may change, rather a plain one than a key."""
        changeable = self._granted.get((role, "update"), set(self._table.columns))
        readable = self._granted.get((role, "select"), set(self._table.columns))
        columns = [
            column
            for column in self._table.columns.values()
            if column.name in changeable & readable and not column.is_computed
        ]
        return min(columns, key=lambda it: (it.is_key, it.parent is not None)).name


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
