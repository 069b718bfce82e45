"""What a request asks for, as a tree: nothing here has been looked up in the catalog yet."""

from dataclasses import dataclass, field
from typing import Literal

Path = tuple[str, ...]
"""Names of embedded relations, from the outermost inwards; empty for the table itself."""


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow into a JSON value: a key or an index; `as_text` for `->>`."""

    key: str | int
    as_text: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a place inside its JSON."""

    name: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Star:
    """Every column that the caller may read."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A column of the answer; without a field it is `count()`."""

    field: Field | None
    alias: str | None = None
    cast: str | None = None
    aggregate: str | None = None
    aggregate_cast: str | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """A related table inside the answer; `spread` lifts its columns into the row around it."""

    target: str
    items: tuple["Item", ...]
    alias: str | None = None
    hint: str | None = None
    join: Literal["inner", "left"] | None = None
    spread: bool = False

    @property
    def name(self) -> str:
        """Return what filters and the answer call it."""
        return self.alias or self.target


Item = Star | Selected | Embed


@dataclass(frozen=True, slots=True)
class Condition:
    """`field operator value`; `in` and quantified operators may have many values."""

    field: Field
    operator: str
    value: str | tuple[str, ...]
    negated: bool = False
    quantifier: Literal["any", "all"] | None = None
    config: str | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """Conditions joined by `and` or `or`."""

    operator: Literal["and", "or"]
    items: tuple["Filter", ...]
    negated: bool = False


Filter = Condition | Logic


@dataclass(frozen=True, slots=True)
class Order:
    """One term of an order; `relation` names an embedded to-one relation."""

    field: Field
    descending: bool = False
    nulls: Literal["first", "last"] | None = None
    relation: str | None = None


@dataclass(slots=True)
class Level:
    """What restricts one level of the answer."""

    filters: list[Filter] = field(default_factory=list)
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0


@dataclass(slots=True)
class Query:
    """A whole address: what to select, and each level's restrictions by path."""

    items: tuple[Item, ...] = (Star(),)
    levels: dict[Path, Level] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    on_conflict: tuple[str, ...] | None = None

    def level(self, path: Path) -> Level:
        """Return the restrictions of a level, new when there were none."""
        return self.levels.setdefault(path, Level())
