"""`lodestone serve` and `lodestone worker`: one process of the product, or several web ones."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
import uvicorn

from lodestone import settings as configuration
from lodestone.app import create_app
from lodestone.cli import listening
from lodestone.cli.database import refuse_outdated
from lodestone.platform import telemetry
from lodestone.settings import Settings
from lodestone.wiring import database_url, open_runtime

STOP_SECONDS = 10

_log = structlog.get_logger(__name__)


def run(*, fd: int | None = None, **overrides: Any) -> None:
    """Serve until a signal, on the inherited socket `fd` when there is one."""
    settings = configuration.load(**overrides)
    if fd is not None:
        with socket.socket(fileno=fd) as inherited:
            _run_one(settings, inherited)
        return
    with listening.bind(settings.host, settings.port) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        if settings.web_processes == 1:
            _run_one(settings, listener)
        else:
            _run_several(settings, listener)


def run_worker(**overrides: Any) -> None:
    """Do jobs and schedules until a signal."""
    from lodestone import worker

    settings = configuration.load(**overrides)
    asyncio.run(refuse_outdated(database_url(settings, direct=True)))
    asyncio.run(worker.run(settings))


def _run_several(settings: Settings, listener: socket.socket) -> None:
    from lodestone.cli.supervisor import Child, Supervisor

    environment = {
        configuration.variable("data_dir"): str(settings.data_dir),
        configuration.variable("host"): settings.host,
        configuration.variable("port"): str(settings.port),
    }
    number = listener.fileno()
    arguments = ["serve", "--fd", str(number)]
    children = [
        Child(f"web {index}", arguments, environment, pass_fds=[number])
        for index in range(1, settings.web_processes + 1)
    ]

    async def supervise() -> bool:
        supervisor = Supervisor(children)
        await supervisor.run()
        return supervisor.failed

    if asyncio.run(supervise()):
        sys.exit(2)


def _run_one(settings: Settings, listener: socket.socket) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listener))


class _Server(uvicorn.Server):
    """A server whose signals are ours, so that the pool is closed after the last answer."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        # Ctrl-C reaches us twice, from the terminal and from the supervisor: that is no hurry.
        self.should_exit = True


async def _serve(settings: Settings, listener: socket.socket) -> None:
    telemetry.configure_logging(as_json=settings.log_format == "json", level=settings.log_level)
    await refuse_outdated(database_url(settings, direct=True))
    async with open_runtime(settings) as runtime:
        config = uvicorn.Config(
            create_app(settings, runtime),
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            # The application believes the proxies of the settings by itself.
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        _log.info("web starts", address=settings.address)
        await _Server(config).serve(sockets=[listener])
        _log.info("web ends")
