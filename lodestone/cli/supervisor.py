"""Keeps child processes running: restarts what crashes, with growing pauses, and stops all cleanly.

The children ask the system to be told when we are gone, so even `kill -9` leaves none behind.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from lodestone.platform.embedded import EmbeddedServer, death_signal

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0  # who ran that long starts again with the first pause
STOP_SECONDS = 20.0
DATABASE_WATCH_SECONDS = 0.5
EXPECTED_FAILURE = 2


@dataclass(frozen=True, slots=True)
class Child:
    """One process: `lodestone <arguments>`, with more environment and open files than ours."""

    name: str
    arguments: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()


class Supervisor:
    """Runs children, and watches an embedded database, until a signal or a hopeless failure."""

    def __init__(self, children: Sequence[Child], database: EmbeddedServer | None = None) -> None:
        self._children = children
        self._database = database
        self._stopping = asyncio.Event()
        self.failed = False

    @property
    def stopping(self) -> asyncio.Event:
        """Set once everything is to end."""
        return self._stopping

    async def run(self) -> None:
        """Run until told to stop by SIGINT, SIGTERM or SIGHUP; returns when no child is left."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stopping.set)
        async with asyncio.TaskGroup() as tasks:
            for child in self._children:
                tasks.create_task(self._keep(child))
            if self._database is not None:
                tasks.create_task(self._keep_database(self._database))

    async def _keep(self, child: Child) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = time.monotonic()
            code = await self._run_once(child)
            if self._stopping.is_set():
                return
            if code == EXPECTED_FAILURE:
                # It has said why; trying again would only say it again.
                self.failed = True
                self._stopping.set()
                return
            if time.monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            _tell(f"{child.name} ended ({_describe(code)}); it starts again in {pause:g} s.")
            await self._pause(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _run_once(self, child: Child) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lodestone",
            *child.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, **child.environment},
            pass_fds=child.pass_fds,
            # One system call, its function looked up beforehand.
            preexec_fn=death_signal(signal.SIGTERM),
        )
        ended = asyncio.create_task(process.wait())
        stop = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not ended.done():
            await _end(process, ended)
        stop.cancel()
        return await ended

    async def _keep_database(self, database: EmbeddedServer) -> None:
        while not self._stopping.is_set():
            if database.exit_code() is not None:
                _tell("the database ended; it starts again.")
                database.restart()
            await self._pause(DATABASE_WATCH_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    done, _ = await asyncio.wait({ended}, timeout=STOP_SECONDS)
    if not done:
        with suppress(ProcessLookupError):
            process.kill()


def _describe(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _tell(sentence: str) -> None:
    sys.stderr.write(f"lodestone: {sentence}\n")
    sys.stderr.flush()
