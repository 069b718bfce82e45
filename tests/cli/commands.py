"""Runs the installed command as a person does: its own process, a clean environment."""

import os
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

import psutil

COMMAND = [sys.executable, "-m", "lodestone"]
START_SECONDS = 60.0


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

    def child(self, command: str) -> psutil.Process:
        """Return the child process that runs `lodestone <command>`."""
        for child in psutil.Process(self.process.pid).children():
            if command in child.cmdline()[1:5]:
                return child
        raise AssertionError(f"no child runs {command}: {self.output.read_text()}")


@contextmanager
def running_up(data_dir: Path, *arguments: str) -> Iterator[Running]:
    """Run `lodestone up` on a free port until the block ends, then make sure that it is gone."""
    output = data_dir.with_suffix(".log")
    with output.open("w") as log:
        process = Popen(
            [*COMMAND, "up", "--data-dir", str(data_dir), "--port", "0", *arguments],
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
            cwd=tempfile.gettempdir(),
        )
    try:
        yield Running(process, data_dir, _await_port(process, output), output)
    finally:
        process.terminate()
        process.wait(60)


def _await_port(process: Popen[str], output: Path) -> int:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        text = output.read_text()
        if "Lodestone is running" in text and "Ctrl-C" in text:
            return int(text.partition("http://127.0.0.1:")[2].split()[0])
        if process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}: {text}")
        time.sleep(0.02)
    raise AssertionError(f"it does not serve: {output.read_text()}")


@contextmanager
def taken_port() -> Iterator[int]:
    """Listen on a port that nobody else can have meanwhile."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]
