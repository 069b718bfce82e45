"""Reads filters: `column=operator.value`, and the trees of `and=(…)` and `or=(…)`."""

import re
from typing import Literal

from lodestone.rest.errors import RestError
from lodestone.rest.grammar.scanner import Scanner
from lodestone.rest.grammar.tree import Condition, Field, Filter, Logic

COMPARISONS = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "~~",
    "ilike": "~~*",
    "match": "~",
    "imatch": "~*",
    "cs": "@>",
    "cd": "<@",
    "ov": "&&",
    "sl": "<<",
    "sr": ">>",
    "nxr": "&<",
    "nxl": "&>",
    "adj": "-|-",
}
QUANTIFIED = frozenset({"eq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch"})
SEARCHES = {
    "fts": "to_tsquery",
    "plfts": "plainto_tsquery",
    "phfts": "phraseto_tsquery",
    "wfts": "websearch_to_tsquery",
}
STATES = {
    "null": "is null",
    "not_null": "is not null",
    "true": "is true",
    "false": "is false",
    "unknown": "is unknown",
}
_OPERATORS = {*COMPARISONS, *SEARCHES, "in", "is", "isdistinct"}
_WORD = re.compile(r"[a-z]+")
_CONFIG = re.compile(r"[^)]+")
_PLAIN = re.compile(r"[^,)]*")
_LISTED = re.compile(r"[^,)\"]*")
_DEEPEST = 30


def parse_filter(field: Field, text: str) -> Condition:
    """Return the condition of `column=text`. Raises RestError PGRST100."""
    scanner = Scanner(text, "filter")
    condition = _operation(scanner, field, in_logic=False)
    scanner.end()
    return condition


def looks_like_filter(text: str) -> bool:
    """Say whether a text begins with an operator."""
    scanner = Scanner(text, "filter")
    scanner.take("not.")
    return scanner.match(_WORD) in _OPERATORS and (scanner.peek(".") or scanner.peek("("))


def parse_logic(operator: Literal["and", "or"], text: str, *, negated: bool) -> Logic:
    """Return the tree of `and=(…)`. Raises RestError PGRST100."""
    scanner = Scanner(text, "logic tree")
    logic = _logic(scanner, operator, negated=negated, depth=0)
    scanner.end()
    return logic


def _logic(scanner: Scanner, operator: Literal["and", "or"], *, negated: bool, depth: int) -> Logic:
    if depth > _DEEPEST:
        raise RestError("Conditions are nested too deeply.", code="PGRST100")
    scanner.require("(")
    items = [_branch(scanner, depth)]
    scanner.skip_spaces()
    while scanner.take(","):
        items.append(_branch(scanner, depth))
        scanner.skip_spaces()
    scanner.require(")")
    return Logic(operator, tuple(items), negated)


def _branch(scanner: Scanner, depth: int) -> Filter:
    scanner.skip_spaces()
    negated = scanner.peek("not.and(") or scanner.peek("not.or(")
    if negated:
        scanner.take("not.")
    if scanner.peek("and("):
        scanner.take("and")
        return _logic(scanner, "and", negated=negated, depth=depth + 1)
    if scanner.peek("or("):
        scanner.take("or")
        return _logic(scanner, "or", negated=negated, depth=depth + 1)
    field = scanner.field()
    scanner.require(".")
    return _operation(scanner, field, in_logic=True)


def _operation(scanner: Scanner, field: Field, *, in_logic: bool) -> Condition:
    negated = scanner.take("not.")
    start = scanner.at
    operator = scanner.match(_WORD)
    if operator not in _OPERATORS:
        scanner.at = start
        raise scanner.fail("an operator (eq, gt, like, in, is, not.eq …)")
    quantifier = _quantifier(scanner) if operator in QUANTIFIED else None
    config = _config(scanner) if operator in SEARCHES else None
    scanner.require(".")
    if operator == "in":
        return Condition(field, operator, _list(scanner), negated)
    value = _logic_value(scanner) if in_logic else _rest(scanner)
    if operator == "is" and value.lower() not in STATES:
        raise scanner.fail("null, not_null, true, false or unknown")
    if operator == "is":
        value = value.lower()
    if quantifier is not None:
        return Condition(field, operator, _array(value, scanner), negated, quantifier)
    return Condition(field, operator, value, negated, None, config)


def _quantifier(scanner: Scanner) -> Literal["any", "all"] | None:
    if scanner.take("(any)"):
        return "any"
    return "all" if scanner.take("(all)") else None


def _config(scanner: Scanner) -> str | None:
    if not scanner.take("("):
        return None
    found = scanner.match(_CONFIG)
    scanner.require(")")
    return found


def _rest(scanner: Scanner) -> str:
    found = scanner.text[scanner.at :]
    scanner.at = len(scanner.text)
    return found


def _logic_value(scanner: Scanner) -> str:
    quoted = scanner.quoted()
    if quoted is not None:
        return quoted
    return _braced(scanner) if scanner.peek("{") else scanner.match(_PLAIN) or ""


def _braced(scanner: Scanner) -> str:
    """Read `{…}` whole: commas and brackets inside belong to the array or object."""
    start = scanner.at
    depth = 0
    while not scanner.is_done:
        if scanner.peek('"'):
            scanner.quoted()
            continue
        depth += {"{": 1, "}": -1}.get(scanner.text[scanner.at], 0)
        scanner.at += 1
        if depth == 0:
            return scanner.text[start : scanner.at]
    raise scanner.fail('"}"')


def _list(scanner: Scanner) -> tuple[str, ...]:
    scanner.require("(")
    if scanner.take(")"):
        return ()
    found = [_listed(scanner)]
    while scanner.take(","):
        found.append(_listed(scanner))
    scanner.require(")")
    return tuple(found)


def _listed(scanner: Scanner) -> str:
    quoted = scanner.quoted()
    return quoted if quoted is not None else scanner.match(_LISTED) or ""


def _array(text: str, outer: Scanner) -> tuple[str, ...]:
    """Return the elements of `{a,"b,c"}`."""
    if not (text.startswith("{") and text.endswith("}")):
        raise outer.fail("values in braces, like {a,b}")
    scanner = Scanner(text[1:-1], "array of values")
    if scanner.is_done:
        return ()
    found = [_element(scanner)]
    while scanner.take(","):
        found.append(_element(scanner))
    scanner.end()
    return tuple(found)


def _element(scanner: Scanner) -> str:
    quoted = scanner.quoted()
    return quoted if quoted is not None else scanner.match(_ELEMENT) or ""


_ELEMENT = re.compile(r"[^,\"]*")
