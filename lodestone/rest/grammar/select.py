"""Reads `select=`: columns, JSON paths, casts, aggregates, embedded and spread relations."""

import re
from typing import Literal

from lodestone.rest.errors import RestError
from lodestone.rest.grammar.scanner import Scanner
from lodestone.rest.grammar.tree import Embed, Field, Item, Selected, Star

AGGREGATES = ("count", "sum", "avg", "max", "min")
_CAST = re.compile(r"[a-zA-Z_][a-zA-Z0-9_ ]*(?:\[\])?")
_DEEPEST = 50


def parse_select(text: str) -> tuple[Item, ...]:
    """Return the items of a select. Raises RestError PGRST100 where it makes no sense."""
    scanner = Scanner(text, "select parameter")
    scanner.skip_spaces()
    if scanner.is_done:
        return (Star(),)
    items = _items(scanner, 0)
    scanner.end()
    return items


def _items(scanner: Scanner, depth: int) -> tuple[Item, ...]:
    if depth > _DEEPEST:
        raise RestError("Relations are embedded too deeply.", code="PGRST100")
    found = [_item(scanner, depth)]
    scanner.skip_spaces()
    while scanner.take(","):
        found.append(_item(scanner, depth))
        scanner.skip_spaces()
    return tuple(found)


def _item(scanner: Scanner, depth: int) -> Item:
    scanner.skip_spaces()
    if scanner.take("*"):
        return Star()
    if scanner.take("..."):
        return _embed(scanner, _alias(scanner), scanner.name(), depth, spread=True)
    alias = _alias(scanner)
    if scanner.take("count()"):
        return Selected(None, alias, aggregate="count", aggregate_cast=_cast(scanner))
    field = scanner.field()
    if not field.steps and (scanner.peek("!") or scanner.peek("(")):
        return _embed(scanner, alias, field.name, depth, spread=False)
    return _column(scanner, alias, field)


def _alias(scanner: Scanner) -> str | None:
    start = scanner.at
    name = scanner.name()
    if scanner.peek(":") and not scanner.peek("::"):
        scanner.take(":")
        return name
    scanner.at = start
    return None


def _column(scanner: Scanner, alias: str | None, field: Field) -> Selected:
    cast = _cast(scanner)
    aggregate = None
    if scanner.take("."):
        aggregate = next((name for name in AGGREGATES if scanner.take(f"{name}()")), None)
        if aggregate is None:
            raise scanner.fail("one of " + ", ".join(f"{name}()" for name in AGGREGATES))
    aggregate_cast = _cast(scanner) if aggregate else None
    return Selected(field, alias, cast, aggregate, aggregate_cast)


def _cast(scanner: Scanner) -> str | None:
    if not scanner.take("::"):
        return None
    name = scanner.match(_CAST)
    if name is None:
        raise scanner.fail("the name of a type")
    return name.strip().lower()


def _embed(scanner: Scanner, alias: str | None, target: str, depth: int, *, spread: bool) -> Embed:
    hint = None
    join: Literal["inner", "left"] | None = None
    while scanner.take("!"):
        word = scanner.name()
        if word == "inner":
            join = "inner"
        elif word == "left":
            join = "left"
        elif hint is None:
            hint = word
        else:
            raise scanner.fail("one hint and one of !inner and !left")
    scanner.require("(")
    scanner.skip_spaces()
    items: tuple[Item, ...] = () if scanner.peek(")") else _items(scanner, depth + 1)
    scanner.require(")")
    return Embed(target, items, alias, hint, join, spread)
