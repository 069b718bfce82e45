"""The code base as syntax trees: its modules, what they import, the statements they send."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import lodestone

ROOT = Path(lodestone.__file__).parent


@dataclass(frozen=True)
class Module:
    """One file of the package, or what could stand in it."""

    path: Path
    instead: str | None = None

    @cached_property
    def name(self) -> str:
        """Return the dotted name, of a package without its `__init__`."""
        parts = self.path.relative_to(ROOT.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def text(self) -> str:
        return self.path.read_text() if self.instead is None else self.instead

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def role(self) -> str:
        """Return what the file is in its room: queries, service, pages … or the package's name."""
        own = self.path.stem
        within = self.path.parent.name
        return within if within == "queries" else own

    @cached_property
    def domain(self) -> str | None:
        """Return the domain that it belongs to."""
        parts = self.name.split(".")
        return parts[2] if parts[1:2] == ["domains"] and len(parts) > 2 else None

    def imports(self) -> Iterator[str]:
        """Yield the full name of everything that is imported, `from a import b` as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT.parent))


@cache
def modules() -> tuple[Module, ...]:
    """Return every module of the package."""
    return tuple(Module(path) for path in sorted(ROOT.rglob("*.py")))
