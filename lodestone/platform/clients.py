"""PostgreSQL's own programs (psql, pg_dump, pg_restore), from the embedded server's wheel."""

import os
import subprocess
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit, urlunsplit

from lodestone.platform import embedded

NEWEST_SERVER = 18
"""The programs refuse servers of a newer major than their own."""


class ClientError(Exception):
    """A program refused; the message is one sentence with what it said first."""


def run(program: str, arguments: Sequence[str], *, url: str | None = None) -> str:
    """Run a program to its end, on the database at `url`, and return what it wrote.

    Raises: ClientError when it ends with an error.
    """
    command, environment = invocation(program, arguments, url=url)
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        raise ClientError(f"{program} refused: {_first_error(result.stderr)}")
    return result.stdout


def invocation(
    program: str, arguments: Sequence[str], *, url: str | None = None
) -> tuple[list[str], dict[str, str]]:
    """Return command and environment; a password goes there, for arguments are public."""
    command = [str(embedded.binaries() / program), *arguments]
    if url is None:
        return command, dict(os.environ)
    parts = urlsplit(url)
    if parts.password is None:
        return [*command, f"--dbname={url}"], dict(os.environ)
    credentials, _, place = parts.netloc.rpartition("@")
    account = credentials.partition(":")[0]
    address = urlunsplit(parts._replace(netloc=f"{account}@{place}"))
    return [*command, f"--dbname={address}"], {
        **os.environ,
        "PGPASSWORD": unquote(parts.password),
    }


def _first_error(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower() or "fatal" in line.lower()]
    return (telling or lines or ["it gave no reason"])[0]
