"""The processes under measurement: the product's own, and its peers, each on a free port."""

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
    port = _free_port()
    environment = {
        "LODESTONE_DATA_DIR": str(business.data_dir),
        "LODESTONE_PORT": str(port),
        "LODESTONE_TRUSTED_PROXIES": "127.0.0.1",
        "LODESTONE_LOG_FORMAT": "json",
        **settings,
    }
    with _running(["lodestone", "serve"], environment) as process:
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
    with _running(["lodestone", "worker"], environment) as process:
        yield process.pid


@contextmanager
def peer(module: str, business: Business, *, probe: str = "/") -> Iterator[Served]:
    """Serve an ASGI application of `benchmarks.peers` the way the product serves itself."""
    port = _free_port()
    command = ["benchmarks.peers.serving", f"benchmarks.peers.{module}", str(port)]
    with _running(command, _peer_environment(business)) as process:
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


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    # A database of the environment would be somebody's own: only ours is measured.
    inherited = {name: os.environ[name] for name in os.environ if name[:10] != "LODESTONE_"}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**inherited, **environment},
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


def _free_port() -> int:
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
