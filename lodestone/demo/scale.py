"""`lodestone demo --scale X`: fills every table of the product with bulk, for load tests.

The statements are in `bulk/*.sql`, in the order of the foreign keys, each under a line such as

    -- users: 84 rows, grows, at least 8

which says how many rows scale 1 has (what the reference counted; a few where it found none) and
whether they grow with the scale. A statement makes its rows `$2` to `$3` of the run named `$1`;
`$4` holds the number of rows of every table. The id of row 7 of `users` is `md5(run || 'users7')`,
so a child finds its parent without a look-up, and the same run always makes the same rows.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources

import asyncpg

from lodestone.auth.passwords import hash_password
from lodestone.demo import queries
from lodestone.demo.account import PASSWORD

CHUNK = 20_000
"""Rows of one transaction: memory stays flat, and progress is seen, whatever the scale."""

NAME = "scale"
Progress = Callable[[str, int, int], None]
"""Called with the table at hand, the rows made so far, and the rows to make in all."""

_HEADER = re.compile(
    r"^-- (?P<table>\w+): (?P<rows>\d+) rows(?P<grows>, grows)?(, at least (?P<least>\d+))?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Fill:
    """How a table is filled. `rows` are those of scale 1."""

    table: str
    rows: int
    grows: bool
    least: int
    statement: str

    def count(self, scale: float) -> int:
        """Return how many rows a scale has, at least one."""
        return max(self.least, round(self.rows * scale)) if self.grows else self.rows


def fills() -> list[Fill]:
    """Return the shipped fills in the order of their foreign keys."""
    folder = resources.files("lodestone.demo") / "bulk"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return [
        fill for file in files if file.name.endswith(".sql") for fill in _read(file.read_text())
    ]


async def grow(url: str, *, scale: float, progress: Progress | None = None) -> dict[str, int]:
    """Add bulk to the database, as the owner of its tables; return the rows made by table.

    The account `<run>@example.com`, `scale` the first time, owns two fifths of it and signs in with
    the demo's password; the rest belongs to strangers.
    """
    planned = fills()
    counts = {fill.table: fill.count(scale) for fill in planned}
    report = progress or _say_nothing
    connection = await asyncpg.connect(url)
    try:
        run = await queries.find_free_run(connection, name=NAME)
        await queries.prepare_session(connection)
        done, made = 0, dict.fromkeys(counts, 0)
        for fill in planned:
            for first, last in _chunks(counts[fill.table]):
                report(fill.table, done, sum(counts.values()))
                values = (run, first, last, json.dumps(counts))
                made[fill.table] += await queries.insert_bulk(
                    connection, statement=fill.statement, values=values
                )
                done += last - first + 1
        await queries.update_password_hash(
            connection, email=f"{run}@example.com", password_hash=await hash_password(PASSWORD)
        )
        await queries.freshen_statistics(connection, tables=list(counts))
        report("", done, done)
    finally:
        await connection.close()
    return made


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    for first in range(1, count + 1, CHUNK):
        yield first, min(first + CHUNK - 1, count)


def _read(text: str) -> Iterator[Fill]:
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=True):
        yield Fill(
            table=header["table"],
            rows=int(header["rows"]),
            grows=header["grows"] is not None,
            least=int(header["least"] or 1),
            statement=text[header.end() : end].strip(),
        )


def _say_nothing(_table: str, _done: int, _all: int) -> None:
    """Report to nobody."""
