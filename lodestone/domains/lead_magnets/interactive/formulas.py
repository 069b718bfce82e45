"""Formulas over inputs: numbers, names, + − × ÷ and parentheses, and nothing else.

They are read into a tree and worked out; they are never run as code.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

MOST_DEPTH = 50
MOST_TOKENS = 600
"""A sum of so many parts is a tree half as deep, which is gone through part by part."""
_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z_]\w*)|([-+*/()−×÷]))")
_SIGNS = {"−": "-", "×": "*", "÷": "/"}


@dataclass(frozen=True, slots=True)
class Node:
    """A number, a name, or two nodes joined by a sign; `left` is None for a negation."""

    sign: str
    value: float = 0.0
    name: str = ""
    left: "Node | None" = None
    right: "Node | None" = None


def read(text: str) -> Node:
    """Return the tree of a formula. Raises ValueError saying what can't be read."""
    tokens = _tokens(text)
    node, rest = _sum(tokens, 0, 0)
    if rest < len(tokens):
        raise ValueError(f"The formula can't be read from {tokens[rest]!r} on")
    return node


def names_in(node: Node) -> set[str]:
    """Return the names that a formula uses."""
    found = {node.name} if node.name else set()
    for part in (node.left, node.right):
        if part is not None:
            found |= names_in(part)
    return found


def work_out(node: Node, values: Mapping[str, float]) -> float | None:
    """Return the result; None for an unknown name, a division by zero, or no finite number."""
    result = _value(node, values)
    return result if result is not None and math.isfinite(result) else None


def _value(node: Node, values: Mapping[str, float]) -> float | None:
    if node.sign == "number":
        return node.value
    if node.sign == "name":
        return values.get(node.name)
    left = 0.0 if node.left is None else _value(node.left, values)
    right = None if node.right is None else _value(node.right, values)
    if left is None or right is None or (node.sign == "/" and right == 0):
        return None
    if node.sign in "+-":
        return left + right if node.sign == "+" else left - right
    return left * right if node.sign == "*" else left / right


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    place = 0
    text = text.rstrip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise ValueError(f"{text[place:].strip()[:1]!r} has no place in a formula")
        token = found[1] or found[2] or found[3]
        tokens.append(_SIGNS.get(token, token))
        place = found.end()
    if not tokens:
        raise ValueError("The formula is empty")
    if len(tokens) > MOST_TOKENS:
        raise ValueError("The formula has too many parts")
    return tokens


def _sum(tokens: list[str], place: int, depth: int) -> tuple[Node, int]:
    node, place = _product(tokens, place, depth)
    while place < len(tokens) and tokens[place] in "+-":
        right, after = _product(tokens, place + 1, depth)
        node, place = Node(tokens[place], left=node, right=right), after
    return node, place


def _product(tokens: list[str], place: int, depth: int) -> tuple[Node, int]:
    node, place = _factor(tokens, place, depth)
    while place < len(tokens) and tokens[place] in "*/":
        right, after = _factor(tokens, place + 1, depth)
        node, place = Node(tokens[place], left=node, right=right), after
    return node, place


def _factor(tokens: list[str], place: int, depth: int) -> tuple[Node, int]:
    if depth > MOST_DEPTH:
        raise ValueError("The formula is nested too deep")
    if place >= len(tokens):
        raise ValueError("The formula ends too early")
    part = tokens[place]
    if part in "+-":
        node, after = _factor(tokens, place + 1, depth + 1)
        return (Node("-", right=node) if part == "-" else node), after
    if part == "(":
        node, after = _sum(tokens, place + 1, depth + 1)
        if after >= len(tokens) or tokens[after] != ")":
            raise ValueError("A parenthesis is not closed")
        return node, after + 1
    if part in "*/)":
        raise ValueError(f"{part!r} stands where a number or a name is needed")
    if part[0].isdigit() or part[0] == ".":
        return Node("number", value=float(part)), place + 1
    return Node("name", name=part), place + 1
