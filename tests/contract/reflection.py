"""What a client offers, and what a test names: a new method is noticed on the day it comes."""

import ast
import inspect
from pathlib import Path


def offered(*kinds: type) -> set[str]:
    """Return the public methods and properties of some classes, inherited ones too."""
    return {
        name
        for kind in kinds
        for name, member in inspect.getmembers(kind)
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }


def named(module: str) -> set[str]:
    """Return the attributes and the strings that a test module names."""
    nodes = list(ast.walk(ast.parse(Path(module).read_text())))
    strings = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return strings | {node.attr for node in nodes if isinstance(node, ast.Attribute)}
