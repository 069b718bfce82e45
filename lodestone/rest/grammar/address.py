"""Reads the query string: which parameter restricts which level of the answer."""

from collections.abc import Iterable
from typing import Literal

from lodestone.rest.errors import RestError
from lodestone.rest.grammar.filters import parse_filter, parse_logic
from lodestone.rest.grammar.scanner import Scanner
from lodestone.rest.grammar.select import parse_select
from lodestone.rest.grammar.tree import Field, Order, Path, Query

_WHOLE_REQUEST = ("select", "columns", "on_conflict")
_LARGEST = 2**63 - 1


def parse_address(parameters: Iterable[tuple[str, str]]) -> Query:
    """Return what a query string asks for. Raises RestError PGRST100 naming the place."""
    query = Query()
    for key, value in parameters:
        if key in _WHOLE_REQUEST:
            _read_whole(query, key, value)
        else:
            _read_level(query, key, value)
    return query


def _read_whole(query: Query, key: str, value: str) -> None:
    if key == "select":
        query.items = parse_select(value)
    elif key == "columns":
        query.columns = _names(value, "columns parameter")
    else:
        query.on_conflict = _names(value, "on_conflict parameter")


def _read_level(query: Query, key: str, value: str) -> None:
    path, field, negated = _split(key)
    level = query.level(path)
    if field.steps or key.endswith('"'):
        level.filters.append(parse_filter(field, value))
    elif field.name == "order":
        level.order = parse_order(value)
    elif field.name == "limit":
        level.limit = _number(value, "limit")
    elif field.name == "offset":
        level.offset = _number(value, "offset") or 0
    elif field.name in ("and", "or"):
        operator: Literal["and", "or"] = "and" if field.name == "and" else "or"
        level.filters.append(parse_logic(operator, value, negated=negated))
    else:
        level.filters.append(parse_filter(field, value))


def _split(key: str) -> tuple[Path, Field, bool]:
    """Return the level, the field, and whether `not` stands before the last word."""
    scanner = Scanner(key, "tree path")
    fields = [scanner.field()]
    while scanner.take("."):
        fields.append(scanner.field())
    scanner.end()
    *before, field = fields
    names = [one.name for one in before]
    negated = field.name in ("and", "or") and names[-1:] == ["not"]
    return tuple(names[:-1] if negated else names), field, negated


def _number(value: str, name: str) -> int | None:
    if name == "limit" and value == "null":
        return None
    if not value.removeprefix("-").isascii() or not value.removeprefix("-").isdigit():
        raise RestError(f'"failed to parse {name} ({value})"', details="a whole number is expected")
    number = int(value[:20])
    if number < 0 and name == "limit":
        raise RestError(
            "Requested range not satisfiable",
            code="PGRST103",
            status=416,
            details="Limit should be greater than or equal to zero.",
        )
    return max(0, min(number, _LARGEST))


def _names(value: str, what: str) -> tuple[str, ...]:
    scanner = Scanner(value, what)
    found = [scanner.name()]
    while scanner.take(","):
        found.append(scanner.name())
    scanner.end()
    return tuple(found)


def parse_order(value: str) -> tuple[Order, ...]:
    """Return the terms of `order=`. Raises RestError PGRST100."""
    scanner = Scanner(value, "order")
    if scanner.is_done:
        return ()
    found = [_term(scanner)]
    while scanner.take(","):
        found.append(_term(scanner))
    scanner.end()
    return tuple(found)


def _term(scanner: Scanner) -> Order:
    field = scanner.field()
    relation = None
    if not field.steps and scanner.take("("):
        relation = field.name
        field = scanner.field()
        scanner.require(")")
    descending = False
    if scanner.take(".desc"):
        descending = True
    else:
        scanner.take(".asc")
    nulls: Literal["first", "last"] | None = None
    if scanner.take(".nullsfirst"):
        nulls = "first"
    elif scanner.take(".nullslast"):
        nulls = "last"
    return Order(field, descending, nulls, relation)
