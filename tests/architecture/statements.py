"""Finds the SQL that the code sends, with every variant of what it puts together.

A statement is the argument of a call that runs it, directly or through a function that takes it as
a parameter. It may be a constant, or an f-string of constants: a constant's name, a lookup in a
dictionary of constants (all of its values are tried), a choice between two of them. Whatever is put
together otherwise can't be checked, and is named.
"""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from types import ModuleType

from tests.architecture.sources import Module, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef

# Methods of a connection, with the position of the statement.
_RUNNERS = dict.fromkeys(("fetch", "fetchrow", "fetchval", "execute", "executemany", "cursor"), 0)


@dataclass(frozen=True, slots=True)
class Statement:
    """One variant of one statement; `is_script` may hold several commands."""

    module: Module
    line: int
    sql: str
    is_script: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


@dataclass(frozen=True, slots=True)
class Runner:
    """A function that runs the statement it is given; a private one in its own module."""

    name: str
    position: int
    parameter: str
    module: Module

    def argument(self, module: Module, call: ast.Call) -> ast.expr | None:
        """Return the statement of a call, if it calls this."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        name = call.func.id if isinstance(call.func, ast.Name) else name
        if name != self.name or (name.startswith("_") and module != self.module):
            return None
        for keyword in call.keywords:
            if keyword.arg == self.parameter:
                return keyword.value
        return call.args[self.position] if len(call.args) > self.position else None


class NotConstantError(Exception):
    """The statement is made of something that only exists when it runs."""


@cache
def find_statements() -> tuple[list[Statement], set[str]]:
    """Return all statements, and the functions that put theirs together as they run."""
    found: list[Statement] = []
    built: set[str] = set()
    todo = [(module, call, argument) for module in modules() for call, argument in runs_sql(module)]
    while todo:
        module, call, argument = todo.pop()
        function = _around(module, call)
        if (runner := _as_runner(module, function, argument)) is not None:
            todo += _calls_of(runner)
            continue
        try:
            texts = _Resolver(importlib.import_module(module.name), function).variants(argument)
        except NotConstantError:
            built.add(f"{module.name}.{function.name if function else ''}")
            continue
        is_script = len(call.args) + len(call.keywords) == 1
        found += (Statement(module, call.lineno, sql, is_script) for sql in texts)
    return found, built


def runs_sql(module: Module) -> Iterator[tuple[ast.Call, ast.expr]]:
    """Yield every call of a connection's methods, with its statement."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            position = _RUNNERS.get(node.func.attr)
            if position is not None and node.args:
                yield node, node.args[position]


def _around(module: Module, call: ast.Call) -> Function | None:
    """Return the innermost function around a call."""
    around = [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, Function) and node.lineno <= call.lineno <= (node.end_lineno or 0)
    ]
    return max(around, key=lambda node: node.lineno, default=None)


def _as_runner(module: Module, function: Function | None, argument: ast.expr) -> Runner | None:
    """Return the function as a runner, if the statement is a parameter of its."""
    if function is None or not isinstance(argument, ast.Name):
        return None
    positional = [one.arg for one in function.args.args]
    if argument.id in positional:
        is_method = positional[0] in ("self", "cls")
        position = positional.index(argument.id) - is_method
        return Runner(function.name, position, argument.id, module)
    if argument.id in [one.arg for one in function.args.kwonlyargs]:
        return Runner(function.name, len(positional), argument.id, module)
    return None


def _calls_of(runner: Runner) -> Iterator[tuple[Module, ast.Call, ast.expr]]:
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                argument = runner.argument(module, node)
                if argument is not None:
                    yield module, node, argument


class _Resolver:
    """Evaluates an expression to every text that it can be."""

    def __init__(self, module: ModuleType, function: Function | None) -> None:
        self._function = function
        self._names = vars(module)

    def variants(self, node: ast.expr) -> list[str]:
        """Return the texts. Raises NotConstantError."""
        match node:
            case ast.JoinedStr(values=parts):
                joined = product(*(self.variants(part) for part in parts))
                return ["".join(each) for each in joined]
            case ast.FormattedValue(value=inner, format_spec=None):
                return self.variants(inner)
            case ast.IfExp(body=yes, orelse=no):
                return [*self.variants(yes), *self.variants(no)]
            case ast.Name(id=name):
                return self._named(name)
        return _constants(self._value(node))

    def _value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Subscript(value=ast.Name(id=name)):
                return self._names.get(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return getattr(self._names.get(name), attribute, None)
        return None

    def _named(self, name: str) -> list[str]:
        assigned = [
            node.value
            for node in (ast.walk(self._function) if self._function else ())
            if isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ]
        if assigned:
            return [text for value in assigned for text in self.variants(value)]
        return _constants(self._names.get(name))


def _constants(value: object) -> list[str]:
    values = list(value.values()) if isinstance(value, dict) else [value]
    if all(isinstance(one, str | int) for one in values):
        return [str(one) for one in values]
    raise NotConstantError(repr(value))
