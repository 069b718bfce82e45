"""Columns, JSON paths and filters as SQL over one row source."""

from collections.abc import Callable
from dataclasses import dataclass

from lodestone.rest.catalog import Table
from lodestone.rest.errors import RestError, unknown_column
from lodestone.rest.grammar.filters import COMPARISONS, SEARCHES, STATES
from lodestone.rest.grammar.tree import Condition, Field, Filter
from lodestone.rest.sql.binding import Binder, in_public, quote

_TEXT_OPERATORS = frozenset({"like", "ilike", "match", "imatch"})


@dataclass(frozen=True, slots=True)
class Source:
    """Rows in a statement under an alias; those of a write have only the `visible` columns."""

    table: Table
    alias: str
    visible: frozenset[str] | None = None

    @property
    def is_written(self) -> bool:
        """Whether these are the rows of a write."""
        return self.visible is not None

    def column(self, name: str) -> str:
        """Return a column of these rows."""
        return f"{self.alias}.{quote(name)}"

    def row(self) -> str:
        """Return a whole row, as a value of the table's type."""
        if self.visible is None:
            return self.alias
        names = self.table.columns
        columns = [self.column(name) if name in self.visible else "null" for name in names]
        return f"row({', '.join(columns)})::{in_public(self.table.name)}"


@dataclass(frozen=True, slots=True)
class Expression:
    """A piece of SQL and the type of its value."""

    sql: str
    type: str
    is_array: bool = False


def expression(source: Source, field: Field, binder: Binder) -> Expression:
    """Return a column or a place in its JSON. Raises RestError 42703 for no such column."""
    found = _column(source, field.name)
    if not field.steps:
        return found
    is_json = found.type in ("json", "jsonb")
    sql = found.sql if is_json else f"to_jsonb({found.sql})"
    for step in field.steps:
        key = binder.index(step.key) if isinstance(step.key, int) else binder.text(step.key)
        sql = f"({sql} {'->>' if step.as_text else '->'} {key})"
    if field.steps[-1].as_text:
        return Expression(sql, "text")
    return Expression(sql, found.type if is_json else "jsonb")


def _column(source: Source, name: str) -> Expression:
    column = source.table.columns.get(name)
    if column is not None:
        return Expression(source.column(name), column.type, column.is_array)
    computed = source.table.computed.get(name)
    if computed is not None and computed.table is None:
        return Expression(f"{in_public(name)}({source.row()})", computed.type)
    raise unknown_column(source.table.name, name)


def condition_sql(
    source: Source,
    condition: Filter,
    binder: Binder,
    relation: Callable[[Condition], str | None],
) -> str:
    """Return a filter as SQL; `relation` answers for conditions on embedded relations."""
    if not isinstance(condition, Condition):
        parts = [condition_sql(source, one, binder, relation) for one in condition.items]
        joined = f"({f' {condition.operator} '.join(parts)})"
        return f"not {joined}" if condition.negated else joined
    related = relation(condition)
    if related is not None:
        return related
    sql = _comparison(expression(source, condition.field, binder), condition, binder)
    return f"not ({sql})" if condition.negated else sql


def _comparison(left: Expression, condition: Condition, binder: Binder) -> str:
    value, operator = condition.value, condition.operator
    if isinstance(value, tuple):
        return _many(left, condition, value, binder)
    if operator == "is":
        return f"{left.sql} {STATES[value]}"
    if operator == "isdistinct":
        return f"{left.sql} is distinct from {binder.cast(value, left.type)}"
    if operator in SEARCHES:
        return _search(left, condition, value, binder)
    if operator in _TEXT_OPERATORS:
        return f"{left.sql} {COMPARISONS[operator]} {binder.text(_pattern(operator, value))}"
    # json itself has no operators at all.
    sql, kind = (f"({left.sql})::jsonb", "jsonb") if left.type == "json" else (left.sql, left.type)
    return f"{sql} {COMPARISONS[operator]} {binder.cast(value, kind)}"


def _many(left: Expression, condition: Condition, value: tuple[str, ...], binder: Binder) -> str:
    operator, quantifier = condition.operator, condition.quantifier or "any"
    if left.is_array:
        # An array of arrays would be one flat array, so each is compared by itself.
        word = " or " if quantifier == "any" else " and "
        sign = COMPARISONS.get(operator, "=")
        parts = [f"{left.sql} {sign} {binder.cast(one, left.type)}" for one in value]
        return f"({word.join(parts)})" if parts else ("false" if quantifier == "any" else "true")
    if operator in _TEXT_OPERATORS:
        bound = binder.many(tuple(_pattern(operator, one) for one in value), "text")
    else:
        bound = binder.many(value, left.type)
    return f"{left.sql} {COMPARISONS.get(operator, '=')} {quantifier} ({bound})"


def _pattern(operator: str, value: str) -> str:
    return value.replace("*", "%") if operator in ("like", "ilike") else value


def _search(left: Expression, condition: Condition, value: str, binder: Binder) -> str:
    config = f"{binder.cast(condition.config, 'regconfig')}, " if condition.config else ""
    document = left.sql if left.type == "tsvector" else f"to_tsvector({config}{left.sql})"
    return f"{document} @@ {SEARCHES[condition.operator]}({config}{binder.text(value)})"


def only_null(condition: Condition) -> bool:
    """Say whether `relation=is.null` (True) or its opposite is asked.

    Raises: RestError PGRST120 for any other condition on a relation.
    """
    if condition.operator != "is" or condition.value not in ("null", "not_null"):
        raise RestError(
            f"Bad operator on the '{condition.field.name}' embedded resource",
            code="PGRST120",
            details="Only is null or not is null filters are allowed on embedded resources",
        )
    return (condition.value == "null") != condition.negated
