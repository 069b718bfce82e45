"""Writes an export: one ZIP with each table as JSON and CSV, piece by piece, never whole in memory.

The disk is waited for in threads. The archive lies in a temporary directory until it is read back.
"""

import asyncio
import csv
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZipFile

PIECE_BYTES = 1024 * 1024
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Archive:
    """A ZIP in the making: `async with Archive() as archive`, then add, `finish`, and read."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="lodestone-export-")
        self._path = Path(self._directory.name) / "export.zip"
        self._zip = ZipFile(self._path, "w", ZIP_DEFLATED, allowZip64=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._zip.close()
        await asyncio.to_thread(self._directory.cleanup)

    async def add_text(self, name: str, text: str) -> None:
        """Add a small file."""
        await asyncio.to_thread(self._zip.writestr, name, text)

    async def add_bytes(self, name: str, content: bytes) -> None:
        """Add a small file of bytes."""
        await asyncio.to_thread(self._zip.writestr, name, content)

    async def add_table(
        self,
        name: str,
        columns: Sequence[str],
        batches: AsyncIterator[list[dict[str, Any]]],
    ) -> int:
        """Add the rows as `json/<name>.json` and `csv/<name>.csv`; return how many there were.

        A table without rows leaves no file.
        """
        first = await anext(batches, None)
        if not first:
            return 0
        count = 0
        table = Path(self._directory.name) / f"{name}.csv"
        with (
            table.open("w", newline="") as lines,
            self._zip.open(f"json/{name}.json", "w", force_zip64=True) as rows,
        ):
            writer = csv.writer(lines)
            writer.writerow(columns)
            batch: list[dict[str, Any]] | None = first
            while batch:
                await asyncio.to_thread(_write_batch, rows, writer, columns, batch, count)
                count += len(batch)
                batch = await anext(batches, None)
            rows.write(b"\n]\n")
        await asyncio.to_thread(self._zip.write, table, f"csv/{name}.csv")
        table.unlink()
        return count

    async def add_file(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Add a file as it is; one whose first bytes can't be had leaves no entry."""
        first = await anext(pieces, b"")
        with self._zip.open(name, "w", force_zip64=True) as file:
            await asyncio.to_thread(file.write, first)
            async for piece in pieces:
                await asyncio.to_thread(file.write, piece)

    async def finish(self) -> int:
        """Close the ZIP and return its size in bytes; nothing can be added after."""
        await asyncio.to_thread(self._zip.close)
        return self._path.stat().st_size

    async def read(self) -> AsyncIterator[bytes]:
        """Yield the finished file."""
        with self._path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece


def _write_batch(
    rows: IO[bytes],
    writer: Any,
    columns: Sequence[str],
    batch: Sequence[Mapping[str, Any]],
    before: int,
) -> None:
    for number, row in enumerate(batch, start=before):
        text = json.dumps(row, ensure_ascii=False, default=str)
        rows.write(f"{',' if number else '['}\n{text}".encode())
        writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: Any) -> Any:
    """Return a value as a spreadsheet takes it, a formula defused."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
