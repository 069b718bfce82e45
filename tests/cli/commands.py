"""Runs the installed command as a person does: its own process, a clean environment."""

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, Popen

import httpx
import psutil

COMMAND = [sys.executable, "-m", "lodestone"]
START_SECONDS = 60.0
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)\s")


def environment(**more: str) -> dict[str, str]:
    """Return our environment without settings, with those given."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("LODESTONE_")}
    return {**plain, "COLUMNS": "200", **more}


def lodestone(*arguments: str | Path, stdin: str = "", **settings: str) -> CompletedProcess[str]:
    """Run a command to its end; settings are named without their prefix."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env=environment(**{f"LODESTONE_{name}": value for name, value in settings.items()}),
        cwd=tempfile.gettempdir(),
    )


@dataclass(frozen=True)
class Running:
    """`lodestone up` in another process, from when it serves."""

    process: Popen[str]
    data_dir: Path
    port: int
    output: Path

    def health(self) -> int:
        """Return the status of the health page."""
        return httpx.get(f"http://127.0.0.1:{self.port}/healthz", timeout=30).status_code

    def children(self) -> list[psutil.Process]:
        """Return web, worker and the database's main process."""
        return psutil.Process(self.process.pid).children()

    def child(self, command: str) -> psutil.Process:
        """Return the child process that runs `lodestone <command>`."""
        for child in self.children():
            if command in child.cmdline()[1:5]:
                return child
        raise AssertionError(f"no child runs {command}: {self.output.read_text()}")


@contextmanager
def running_up(data_dir: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """Run `lodestone up` on a free port until the block ends, then make sure that it is gone."""
    command = ["up", "--data-dir", str(data_dir), "--port", "0", *arguments]
    with _running(command, data_dir, "Lodestone is running", settings) as running:
        yield running


@contextmanager
def running_serve(data_dir: Path, *arguments: str, **settings: str) -> Iterator[Running]:
    """Run `lodestone serve` on a free port until the block ends."""
    command = ["serve", "--data-dir", str(data_dir), "--port", "0", *arguments]
    with _running(command, data_dir, "web starts", settings) as running:
        yield running


@contextmanager
def _running(
    command: list[str], data_dir: Path, sign: str, settings: dict[str, str]
) -> Iterator[Running]:
    output = data_dir.with_suffix(".log")
    with output.open("w") as log:
        process = Popen(
            [*COMMAND, *command],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**{f"LODESTONE_{name}": value for name, value in settings.items()}),
            cwd=tempfile.gettempdir(),
        )
    try:
        yield Running(process, data_dir, _await_port(process, output, sign), output)
    finally:
        process.terminate()
        process.wait(60)


def _await_port(process: Popen[str], output: Path, sign: str) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = output.read_text().partition(sign)[2]
        if found := _ADDRESS.search(text):
            return int(found[1])
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}: {output.read_text()}")
        time.sleep(0.02)
    raise AssertionError(f"it does not serve: {output.read_text()}")


@contextmanager
def taken_port() -> Iterator[int]:
    """Listen on a port that nobody else can have meanwhile."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]
