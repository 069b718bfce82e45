"""How a live database differs from what the migrations declare, each difference by name."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from lodestone.platform import clients, embedded, migrations
from lodestone.platform.schema.queries import Structure, read_structure

_SPACE = re.compile(r"\s+")
_LONGEST_SHOWN = 200
_MAY_CREATE = """
select r.rolsuper or (r.rolcreatedb and exists (
    select from pg_available_extension_versions as v where v.name = 'vector' and v.trusted
))
from pg_roles as r where r.rolname = current_user
"""
_WHOLE = frozenset({"enum", "function", "materialized view", "sequence", "table", "view"})


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that is missing, not declared, or different."""

    kind: str
    name: str
    difference: Literal["missing", "undeclared", "different"]
    declared: str = ""
    found: str = ""

    def __str__(self) -> str:
        if self.difference != "different":
            return f"{self.difference} {self.kind} {self.name}"
        declared, found = _shown(self.declared, self.found)
        return f"different {self.kind} {self.name}: declared `{declared}`, found `{found}`"


def compare(declared: Structure, found: Structure) -> list[Drift]:
    """Return every drift, by kind and name; what hangs on a missing table is not told again."""
    drifts = [
        *(Drift(*key, "missing", declared=declared[key]) for key in declared.keys() - found.keys()),
        *(Drift(*key, "undeclared", found=found[key]) for key in found.keys() - declared.keys()),
        *(
            Drift(*key, "different", declared[key], found[key])
            for key in declared.keys() & found.keys()
            if _normal(declared[key]) != _normal(found[key])
        ),
    ]
    whole: set[tuple[str, str]] = {
        (drift.difference, drift.name)
        for drift in drifts
        if drift.kind in _WHOLE and drift.difference != "different"
    }
    return sorted(
        (drift for drift in drifts if not _is_part(drift, whole)),
        key=lambda drift: (drift.kind, drift.name),
    )


async def check(url: str) -> list[Drift]:
    """Compare a database with the migrations applied afresh; empty when they agree.

    The fresh one is a scratch database on the same server where the role may make one with
    pgvector in it, else one on a throwaway embedded server. Raises: MigrationError when the
    migrations don't apply.
    """
    connection = await asyncpg.connect(url)
    try:
        found = await read_structure(connection)
        server_version = connection.get_server_version().major
        may_create = await connection.fetchval(_MAY_CREATE)
    finally:
        await connection.close()
    scratch = _scratch_database(url) if may_create else _scratch_server(server_version)
    async with scratch as scratch_url:
        await migrations.apply(scratch_url)
        declared = await _read(scratch_url)
        drifts = compare(declared, found)
        is_clear = all(drift.difference != "different" for drift in drifts)
        if is_clear or server_version > clients.NEWEST_SERVER:
            return drifts
        respelled = await _respell(scratch_url)
    # PostgreSQL spells some expressions anew when they have been through a dump, as they have in a
    # restored or moved database: either spelling is as declared.
    return [drift for drift in drifts if not _is_as_declared(drift, respelled)]


def _is_as_declared(drift: Drift, respelled: Structure) -> bool:
    spelling = respelled.get((drift.kind, drift.name))
    is_other = drift.difference == "different" and spelling is not None
    return is_other and _normal(drift.found) == _normal(spelling or "")


async def _respell(url: str) -> Structure:
    """Return the structure as it is after a dump and a restore into another scratch database."""
    async with _scratch_database(url) as copy_url:
        with tempfile.TemporaryDirectory(prefix="lodestone-scratch-") as folder:
            script = f"{folder}/schema.sql"
            clients.run("pg_dump", ["--schema-only", "--no-owner", f"--file={script}"], url=url)
            options = ["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={script}"]
            clients.run("psql", options, url=copy_url)
        return await _read(copy_url)


async def _read(url: str) -> Structure:
    connection = await asyncpg.connect(url)
    try:
        return await read_structure(connection)
    finally:
        await connection.close()


@asynccontextmanager
async def _scratch_database(url: str) -> AsyncIterator[str]:
    name = f"lodestone_scratch_{uuid4().hex}"
    await _execute(url, f"create database {name} template template0")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        await _execute(url, f"drop database {name} with (force)")


@asynccontextmanager
async def _scratch_server(like_version: int) -> AsyncIterator[str]:
    version = 18 if like_version > 16 else 16  # the nearer of the two that there are
    with (
        tempfile.TemporaryDirectory(prefix="lodestone-scratch-") as directory,
        embedded.start(Path(directory, "data"), version, settings=embedded.THROWAWAY) as server,
    ):
        yield server.url


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _is_part(drift: Drift, whole: set[tuple[str, str]]) -> bool:
    """Say whether the drift only repeats that its table, view or function is missing or extra."""
    if drift.kind in _WHOLE:
        return False
    separator = {"grant": " to ", "declaration": " "}.get(drift.kind)
    owner = drift.name.partition(separator)[0] if separator else drift.name
    return not whole.isdisjoint(
        {(drift.difference, owner), (drift.difference, owner.rpartition(".")[0])}
    )


def _normal(definition: str) -> str:
    return _SPACE.sub(" ", definition).strip()


def _shown(declared: str, found: str) -> tuple[str, str]:
    """Return both on one line, from shortly before where they part when they are long."""
    first, second = _normal(declared), _normal(found)
    if max(len(first), len(second)) <= _LONGEST_SHOWN:
        return first, second
    same = next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b),
        min(len(first), len(second)),
    )
    start = max(0, same - 40)
    end = start + _LONGEST_SHOWN
    return ("… " if start else "") + first[start:end], ("… " if start else "") + second[start:end]
