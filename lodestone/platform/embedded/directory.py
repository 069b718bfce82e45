"""The data directory: marked as ours, locked by one process, its socket out of others' reach."""

import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_ACCOUNT = "pgserver"
LOCK = "lodestone.lock"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, macOS 103
_SEARCH = 0o001  # others may walk through a directory, not list it


class EmbeddedError(Exception):
    """The embedded server can't run here; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account that runs PostgreSQL, when that is not the one we are."""

    uid: int
    gid: int

    def process_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account | None:
    """Return the account to run as: None is our own; root makes and uses `pgserver`."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_ACCOUNT)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        try:
            subprocess.run([*command, _ACCOUNT], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedError(
                f"PostgreSQL does not run as root and the account {_ACCOUNT} could not be made: "
                "make it, or start as an ordinary user."
            ) from error
        entry = pwd.getpwnam(_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def prepare(data_dir: Path) -> None:
    """Make `data_dir` and mark it as ours. Raises EmbeddedError when it is foreign or closed."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker = data_dir / LOCK
        if not marker.exists() and any(data_dir.iterdir()):
            raise EmbeddedError(
                f"{data_dir} is not empty and not a Lodestone data directory: choose another."
            )
        marker.touch(mode=0o600)
    except (FileExistsError, NotADirectoryError) as error:
        raise EmbeddedError(f"{data_dir} is a file, not a directory.") from error
    except OSError as error:
        raise EmbeddedError(f"{data_dir} can't be written: {error.strerror}.") from error


def claim(data_dir: Path) -> IO[str]:
    """Make the directory ours and lock it; the lock ends when the returned file is closed."""
    prepare(data_dir)
    lock = (data_dir / LOCK).open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise EmbeddedError(
            f"{data_dir} is in use by another Lodestone (process {holder or 'unknown'}): "
            "stop it first or choose another data directory."
        ) from error
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def open_way(path: Path) -> None:
    """Let the server's account walk to a path: search permission on the folders above it."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & _SEARCH:
            folder.chmod(mode | _SEARCH)


def socket_directory(pgdata: Path) -> Path:
    """Return where the socket is: inside the cluster unless that path is too long for one."""
    inside = pgdata / "socket"
    if len(os.fsencode(inside / _SOCKET)) <= _SOCKET_PATH_LIMIT:
        return inside
    digest = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"lodestone-{digest}"


def empty_socket_directory(directory: Path, account: Account | None) -> None:
    """Make the directory anew, open to the server's account alone."""
    # A server that was killed leaves its socket and the lock file beside it.
    try:
        if directory.is_symlink() or directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(mode=0o700)
    except OSError as error:
        raise EmbeddedError(f"{directory} belongs to another account: remove it.") from error
    if account:
        os.chown(directory, account.uid, account.gid)
