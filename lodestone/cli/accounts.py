"""Commands about who may come in: API keys, accounts, and the demo business."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import jwt
import typer

from lodestone import settings as configuration
from lodestone.cli.database import reached, refuse_outdated
from lodestone.cli.failures import CommandError
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.settings import Settings
from lodestone.wiring import open_runtime

API_ROLES = ("anon", "service_role")
KEY_YEARS = 10


def print_keys(*, data_dir: Path | None) -> None:
    """Print `role key` for each API role; the same keys all year."""
    settings = configuration.load(data_dir=data_dir)
    for role in API_ROLES:
        sys.stdout.write(f"{role} {api_key(settings, role, now=datetime.now(UTC))}\n")


def api_key(settings: Settings, role: str, *, now: datetime) -> str:
    """Return a JWT as Supabase's own API keys: a role, good for ten years from this one's start."""
    began = datetime(now.year, 1, 1, tzinfo=UTC)
    claims = {
        "iss": "lodestone",
        "role": role,
        "iat": int(began.timestamp()),
        "exp": int(began.replace(year=began.year + KEY_YEARS).timestamp()),
    }
    return jwt.encode(claims, settings.jwt_secret.get_secret_value(), algorithm="HS256")


def create(
    email: str,
    *,
    name: str | None,
    username: str | None,
    password_stdin: bool,
    data_dir: Path | None,
) -> None:
    """Make an account. Raises InvalidInput naming the field, Conflict when it exists."""
    settings = configuration.load(data_dir=data_dir)
    password = _read_password(from_stdin=password_stdin)
    with reached(settings) as url:
        asyncio.run(
            _create(settings, url, email=email, name=name, username=username, password=password)
        )
    sys.stdout.write(f"Made the account {email}: sign in at {settings.address}\n")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: use --password-stdin.")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


async def _create(
    settings: Settings,
    url: str,
    *,
    email: str,
    name: str | None,
    username: str | None,
    password: str,
) -> None:
    from lodestone.auth import accounts, service

    await refuse_outdated(url)
    async with open_runtime(settings, url=url), runtime.acting_as(Root()) as tx:
        user_id = await service.create_user(
            tx,
            email=email,
            password=password,
            name=name or email.partition("@")[0],
            username=username,
            tenant_id=await service.find_only_tenant(tx),
        )
        # Whoever has the command line vouches for the address.
        await accounts.confirm_email(tx, user_id=user_id)


def fill_demo(*, scale: float | None, data_dir: Path | None) -> None:
    """Make the demo business, or bulk of a given scale."""
    settings = configuration.load(data_dir=data_dir)
    with reached(settings) as url:
        if scale is None:
            asyncio.run(_seed(settings, url))
        else:
            asyncio.run(_grow(url, scale))


async def _seed(settings: Settings, url: str) -> None:
    from lodestone.demo.business import seed

    await refuse_outdated(url)
    async with open_runtime(settings, url=url):
        account = await seed()
    sys.stdout.write(f"Sign in as {account.email} with the password {account.password}\n")


async def _grow(url: str, scale: float) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from lodestone.demo.scale import grow

    await refuse_outdated(url)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(table: str, done: int, total: int) -> None:
            bar.update(task, description=table, completed=done, total=total)

        counts = await grow(url, scale=scale, progress=show)
    sys.stdout.write(f"Made {sum(counts.values()):,} rows in {len(counts)} tables.\n")
