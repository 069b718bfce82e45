"""`lodestone backup` and `lodestone restore`: the whole database as one file, there and back."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodestone import settings as configuration
from lodestone.cli import queries
from lodestone.cli.database import reached
from lodestone.cli.failures import CommandError
from lodestone.platform import clients, migrations

_MAGIC = b"PGDMP"


def backup(file: Path, *, data_dir: Path | None) -> None:
    """Write the backup beside its place and move it there whole. Raises CommandError."""
    settings = configuration.load(data_dir=data_dir)
    if file.exists():
        raise CommandError(f"{file} exists already: choose another name.")
    if not file.parent.is_dir():
        raise CommandError(f"There is no directory {file.parent}.")
    with reached(settings) as url, _unfinished(file) as part:
        foreign = asyncio.run(queries.list_foreign_schemas(url))
        excluded = [f"--exclude-schema={name}" for name in foreign]
        options = ["--format=custom", "--no-owner", *excluded, f"--file={part}"]
        clients.run("pg_dump", options, url=url)
        # What can't be listed can't be restored either.
        entries = _listing(part)
        part.rename(file)
    size = file.stat().st_size / 2**20
    sys.stdout.write(f"Wrote {file}: {_data_entries(entries)} tables, {size:.1f} MB.\n")


def restore(file: Path, *, force: bool, data_dir: Path | None) -> None:
    """Bring a backup back in one transaction, then migrate and check. Raises CommandError."""
    settings = configuration.load(data_dir=data_dir)
    _refuse_other_file(file)
    with reached(settings) as url:
        filled = asyncio.run(queries.count_tables(url))
        if filled and not force:
            raise CommandError(
                f"The database is not empty ({filled} tables): --force replaces what it holds."
            )
        entries = _listing(file)
        _replay(file, entries, url)
        _verify(url, entries)
        applied = asyncio.run(migrations.apply(url))
    for name in applied:
        sys.stdout.write(f"applied {name}\n")
    sys.stdout.write(f"Restored {file}: {_data_entries(entries)} tables.\n")


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _refuse_other_file(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            is_backup = opened.read(len(_MAGIC)) == _MAGIC
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    if not is_backup:
        raise CommandError(f"{file} was not written by `lodestone backup`.")


def _replay(file: Path, entries: list[str], url: str) -> None:
    """Empty our schemas and run the backup as one script in one transaction: all or nothing."""
    present = asyncio.run(queries.list_schemas(url))
    kept = [entry for entry in entries if not _belongs_to_target(entry, present)]
    with tempfile.TemporaryDirectory(prefix="lodestone-restore-") as folder:
        contents = Path(folder, "contents")
        contents.write_text("\n".join(kept) + "\n")
        before = Path(folder, "before.sql")
        before.write_text(_preparation())
        script = Path(folder, "backup.sql")
        clients.run(
            "pg_restore",
            ["--no-owner", f"--use-list={contents}", f"--file={script}", str(file)],
        )
        options = ["--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        clients.run("psql", [*options, f"--file={before}", f"--file={script}"], url=url)


def _preparation() -> str:
    """Return SQL that leaves none of our schemas and makes the roles that grants name."""
    dropped = "".join(f"drop schema if exists {name} cascade;\n" for name in queries.OURS)
    roles = migrations.shipped()[0].sql.partition("do $roles$")[2].partition("$roles$;")[0]
    return (
        "set client_min_messages = warning;\nset lock_timeout = '10s';\n"
        f"{dropped}create schema public;\ngrant usage on schema public to public;\n"
        f"do $roles${roles}$roles$;\n"
    )


def _belongs_to_target(entry: str, present: list[str]) -> bool:
    """Say whether a line of the listing is about what the target server has and keeps."""
    words = entry.split()[3:]
    others = {name for name in present if name not in queries.OURS}
    if words[:2] == ["SCHEMA", "-"]:
        return words[2] in others
    is_extension_comment = words[:3] == ["COMMENT", "-", "EXTENSION"]
    return is_extension_comment or any(word in others for word in words[1:3])


def _listing(file: Path) -> list[str]:
    """Return the lines of the backup's table of contents. Raises ClientError when damaged."""
    text = clients.run("pg_restore", ["--list", str(file)])
    return [line for line in text.splitlines() if line and not line.startswith(";")]


def _data_entries(entries: list[str]) -> int:
    return sum(" TABLE DATA " in entry for entry in entries)


def _verify(url: str, entries: list[str]) -> None:
    """Check that each table of the backup is there. Raises CommandError."""
    tables = [words[2:4] for entry in entries if (words := entry.split()[3:])[1:2] == ["DATA"]]
    names = [f'"{schema}"."{name}"' for schema, name in tables]
    missing = asyncio.run(queries.list_missing_tables(url, names=names))
    if missing:
        raise CommandError(f"After the restore these are missing: {', '.join(missing)}.")
