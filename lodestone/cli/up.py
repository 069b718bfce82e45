"""`lodestone up`: database, migrations, demo, then web and worker under the supervisor."""

import asyncio
import socket
import sys
from contextlib import ExitStack
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from lodestone import settings as configuration
from lodestone.cli import listening, queries
from lodestone.cli.supervisor import Child, Supervisor
from lodestone.platform import embedded, migrations
from lodestone.settings import Settings, variable
from lodestone.wiring import ask, database_url, open_runtime


def run(**overrides: Any) -> None:
    """Run the product until a signal. Raises what `failures.expected_failures` lists."""
    settings = configuration.load(**overrides)
    with ExitStack() as stack:
        listener = stack.enter_context(listening.bind(settings.host, settings.port))
        port = listener.getsockname()[1]
        settings = settings.model_copy(update={"port": port})
        database = None
        if settings.database_url is None:
            started = embedded.start(settings.data_dir, settings.embedded_version)
            database = stack.enter_context(started)
        asyncio.run(_prepare(settings))
        environment = {
            variable("data_dir"): str(settings.data_dir),
            variable("host"): settings.host,
            variable("port"): str(port),
        }
        number = listener.fileno()
        web = Child("web", ["serve", "--fd", str(number)], environment, pass_fds=[number])
        worker = Child("worker", ["worker"], environment)
        failed = asyncio.run(_supervise(Supervisor([web, worker], database), settings, listener))
    if failed:
        sys.exit(2)


async def _prepare(settings: Settings) -> None:
    """Migrate, and make the demo business where nobody has an account yet."""
    url = database_url(settings, direct=True)
    await ask(url)
    await migrations.apply(url)
    if settings.demo and not await queries.has_accounts(url):
        from lodestone.demo.business import seed

        async with open_runtime(settings):
            await seed()


async def _supervise(supervisor: Supervisor, settings: Settings, listener: socket.socket) -> bool:
    """Run the children; show the panel once the web process answers. True: one gave up."""
    async with asyncio.TaskGroup() as tasks:
        greeting = tasks.create_task(_greet(settings, listener))
        await supervisor.run()
        greeting.cancel()
    return supervisor.failed


async def _greet(settings: Settings, listener: socket.socket) -> None:
    await _await_answer(listener)
    Console().print(await _panel(settings))


async def _await_answer(listener: socket.socket) -> None:
    """Ask for the health page: the socket listens already, so the answer comes when it can."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    answer = b""
    while not answer.startswith(b"HTTP/1.1 200"):
        try:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            answer = await reader.readline()
            writer.close()
        except ConnectionError:
            # The web process ended before it answered; its successor will.
            await asyncio.sleep(0.1)


async def _panel(settings: Settings) -> Panel:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim")
    lines.add_column()
    lines.add_row("Open", f"[bold]{settings.address}[/bold]")
    if sign_in := await _sign_in(settings):
        lines.add_row("Sign in", sign_in)
    lines.add_row("Mail", _mail(settings))
    lines.add_row("Data", _data(settings))
    lines.add_row("Stop", "Ctrl-C")
    return Panel(lines, title="Lodestone is running", expand=False, padding=(1, 2))


async def _sign_in(settings: Settings) -> str | None:
    """Return how to come in, when that is not something only the person knows."""
    url = database_url(settings, direct=True)
    if not await queries.has_accounts(url):
        return "make an account first: lodestone user create you@example.com"
    if settings.demo:
        from lodestone.demo.account import EMAIL, PASSWORD

        if await queries.has_accounts(url, email=EMAIL):
            return f"{EMAIL}  [dim]password[/dim] {PASSWORD}"
    return None


def _mail(settings: Settings) -> str:
    if settings.smtp_host:
        return f"through {settings.smtp_host}:{settings.smtp_port}"
    return f"kept in {settings.data_dir / 'mail'}, shown in the outbox"


def _data(settings: Settings) -> str:
    if settings.database_url is None:
        return f"PostgreSQL in {settings.data_dir}"
    return "the PostgreSQL of LODESTONE_DATABASE_URL"
