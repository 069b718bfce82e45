"""Commands that reach the database: its URL, a shell, migrations."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lodestone import settings as configuration
from lodestone.cli.failures import CommandError
from lodestone.platform import clients, embedded, migrations
from lodestone.settings import Settings
from lodestone.wiring import ask, database_url


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Yield the URL of the database; the embedded one is started for as long when it is down.

    Raises: DatabaseUnreachable, EmbeddedError.
    """
    if settings.database_url is not None or embedded.find(settings.data_dir):
        url = database_url(settings, direct=True)
        asyncio.run(ask(url))
        yield url
    else:
        with embedded.start(settings.data_dir, settings.embedded_version) as server:
            yield server.url


async def refuse_outdated(url: str) -> None:
    """Raise CommandError when the database lacks migrations that this version needs."""
    await ask(url)
    pending = await migrations.pending(url)
    if pending:
        raise CommandError(
            f"The database lacks {len(pending)} migrations of this version:"
            " run `lodestone migrate`."
        )


def print_url(*, data_dir: Path | None) -> None:
    """Print the URL of the database that runs. Raises SettingsError when none does."""
    settings = configuration.load(data_dir=data_dir)
    sys.stdout.write(database_url(settings, direct=True) + "\n")


def migrate(*, data_dir: Path | None, only_plan: bool) -> None:
    """Apply what is pending, or list it, one file name per line."""
    settings = configuration.load(data_dir=data_dir)
    with reached(settings) as url:
        names = asyncio.run(migrations.pending(url) if only_plan else migrations.apply(url))
    if not names:
        sys.stdout.write("The database is up to date.\n")
    for name in names:
        sys.stdout.write(("would apply " if only_plan else "applied ") + name + "\n")


def shell(*, data_dir: Path | None) -> None:
    """Run psql on the database; its exit code is ours."""
    settings = configuration.load(data_dir=data_dir)
    with reached(settings) as url:
        command, environment = clients.invocation("psql", [], url=url)
        code = subprocess.run(command, check=False, env=environment).returncode
    sys.exit(code)
