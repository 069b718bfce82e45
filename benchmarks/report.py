"""The table that is printed: one column for each scale, Markdown, as docs/performance.md has it."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

_PACKAGES = ("asyncpg", "fastapi", "starlette", "uvicorn", "pgqueuer", "sqlalchemy")


@dataclass
class Report:
    """Rows in the order in which they were first filled."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, row: str, column: str, value: str) -> None:
        """Fill one cell."""
        self.rows.setdefault(row, {})[column] = value

    def __str__(self) -> str:
        columns: list[str] = list(dict.fromkeys(name for row in self.rows.values() for name in row))
        lines = [["", *columns]]
        lines += [
            [row, *(cells.get(name, "") for name in columns)] for row, cells in self.rows.items()
        ]
        return _markdown(lines)


def _markdown(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        "| "
        + " | ".join(_pad(cell, width, index) for index, (cell, width) in enumerate(cells))
        + " |"
        for cells in (list(zip(line, widths, strict=True)) for line in (lines[0], rule, *lines[1:]))
    )


def _pad(cell: str, width: int, index: int) -> str:
    return cell.rjust(width) if index else cell.ljust(width)


def describe_machine(postgresql: str) -> str:
    """Say on what and with what was measured."""
    versions: Mapping[str, str] = {name: version(name) for name in _PACKAGES}
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {psutil.cpu_count()} cores, "
        f"{memory:.0f} GB; "
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}; "
        f"PostgreSQL {postgresql}; {listed}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
