"""Names and values of a statement: names are quoted, values are bound and cast from text."""

from dataclasses import dataclass, field
from typing import Any


def quote(name: str) -> str:
    """Quote an identifier of the catalog, or the name of a column in an answer."""
    return '"' + name.replace('"', '""') + '"'


def in_public(name: str) -> str:
    """Return a table or function of schema public, as statements name it."""
    return f"public.{quote(name)}"


@dataclass(slots=True)
class Binder:
    """The values of a statement, in the order of their numbers."""

    values: list[Any] = field(default_factory=list)

    def text(self, value: str) -> str:
        """Bind a text."""
        self.values.append(value.replace("\x00", ""))
        return f"${len(self.values)}::text"

    def cast(self, value: str, sql_type: str) -> str:
        """Bind a value that PostgreSQL reads as the type; `sql_type` comes from the catalog."""
        bound = self.text(value)
        return bound if sql_type == "text" else f"({bound})::{sql_type}"

    def many(self, values: tuple[str, ...], sql_type: str) -> str:
        """Bind an array of values of one type."""
        self.values.append([value.replace("\x00", "") for value in values])
        bound = f"${len(self.values)}::text[]"
        return bound if sql_type == "text" else f"({bound})::{sql_type}[]"

    def number(self, value: int) -> str:
        """Bind a whole number."""
        self.values.append(value)
        return f"${len(self.values)}::bigint"

    def index(self, value: int) -> str:
        """Bind an index into a JSON array."""
        self.values.append(value)
        return f"${len(self.values)}::integer"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and its values; `names` are the columns of its rows, for CSV.

    The first value of one that has a payload is that.
    """

    text: str
    values: tuple[Any, ...]
    names: tuple[str, ...] = ()

    def with_payload(self, payload: str) -> "Statement":
        """Return the same statement of another payload."""
        bare = payload.replace("\x00", "")
        return Statement(self.text, (bare, *self.values[1:]), self.names)
