"""The processes under measurement: the product's own, and its peers, each on a free port."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import psutil

from benchmarks.business import Business
from benchmarks.ceilings import subscribers

START_LIMIT_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A server that answers on a port of loopback."""

    port: int
    pid: int


@dataclass(frozen=True)
class Memory:
    """What a process holds, in MB: all it maps, and its share of that."""

    rss: float
    pss: float


@contextmanager
def web(business: Business, **settings: str) -> Iterator[Served]:
    """Run `lodestone serve`, one process, logging as in production but to nowhere."""
    port = free_port()
    environment = {
        "LODESTONE_DATA_DIR": str(business.data_dir),
        "LODESTONE_PORT": str(port),
        "LODESTONE_TRUSTED_PROXIES": "127.0.0.1",
        "LODESTONE_LOG_FORMAT": "json",
        **settings,
    }
    with _running(_python("lodestone", "serve"), environment) as process:
        _await_answer(port, "/healthz", process)
        yield Served(port, process.pid)


@contextmanager
def worker(business: Business) -> Iterator[int]:
    """Run `lodestone worker` and yield its process id."""
    environment = {
        "LODESTONE_DATA_DIR": str(business.data_dir),
        "LODESTONE_LOG_FORMAT": "json",
        "LODESTONE_LOG_LEVEL": "warning",
    }
    with _running(_python("lodestone", "worker"), environment) as process:
        yield process.pid


@contextmanager
def peer(module: str, business: Business, *, probe: str = "/", **settings: str) -> Iterator[Served]:
    """Serve an ASGI application of `benchmarks.peers` the way the product serves itself."""
    port = free_port()
    command = _python("benchmarks.peers.serving", f"benchmarks.peers.{module}", str(port))
    with _running(command, {**_peer_environment(business), **settings}) as process:
        _await_answer(port, probe, process)
        yield Served(port, process.pid)


@contextmanager
def program(
    command: Sequence[str], environment: Mapping[str, str], *, port: int, probe: str
) -> Iterator[Served]:
    """Run a program that is none of ours, which is to answer on the port."""
    with _running(command, environment) as process:
        _await_answer(port, probe, process)
        yield Served(port, process.pid)


def make_peer_tables(business: Business) -> None:
    """Make the tables of the ORM peer. Raises CalledProcessError."""
    command = [sys.executable, "-m", "benchmarks.peers.tables"]
    subprocess.run(command, check=True, env={**os.environ, **_peer_environment(business)})


def _peer_environment(business: Business) -> dict[str, str]:
    address = business.url.replace("postgresql://", "postgresql+asyncpg://", 1)
    return {"PEER_DATABASE_URL": address, "PEER_JOBS": ",".join(subscribers())}


def memory(pid: int) -> Memory:
    """Read what a process holds now."""
    found = psutil.Process(pid).memory_full_info()
    return Memory(rss=found.rss / 1e6, pss=found.pss / 1e6)


def inherited() -> dict[str, str]:
    """Return the environment without a database of somebody's own: only ours is measured."""
    return {name: os.environ[name] for name in os.environ if name[:10] != "LODESTONE_"}


def execute(url: str, script: str) -> None:
    """Run a script on the measured database."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(script)
        await connection.close()

    asyncio.run(run())


def fetch_row(url: str, query: str, *values: object) -> dict[str, Any]:
    """Return the one row of a query. Raises LookupError when there is none."""

    async def run() -> asyncpg.Record | None:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchrow(query, *values)
        finally:
            await connection.close()

    row = asyncio.run(run())
    if row is None:
        raise LookupError("the query found nothing")
    return dict(row)


def _python(*command: str) -> list[str]:
    return [sys.executable, "-m", *command]


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        env={**inherited(), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended with {process.returncode} instead of serving")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nothing answered on port {port}")
