"""What a lot's mails have come to, kept beside the database while they are sent.

A mail server can't be asked whether it has a mail. So each place is written down right before its
mail may be taken and right after it was, in a file that outlives a killed process. Whoever finds
the lot later on the same machine then knows all but the mail that was on its way. The file is
locked while its process lives: one that only sleeps may yet go on, so nobody goes on for it.
"""

import fcntl
import os
from pathlib import Path
from uuid import UUID

from lodestone.platform import runtime

_FOLDER = "sending"
_BEGUN, _DONE = b"?", b"!"


class LotJournal:
    """The places of a lot that were begun and those that were done; used by one process."""

    def __init__(self, claim_id: UUID) -> None:
        """Begin a journal. Raises OSError when the data directory can't be written."""
        folder = runtime.current().data_dir / _FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / str(claim_id)
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        self._file = os.open(self._path, flags, mode=0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def begin(self, message_id: UUID) -> None:
        """Write down that a message may leave now."""
        os.write(self._file, _BEGUN + message_id.bytes)

    def end(self, message_id: UUID) -> None:
        """Write down that it was taken."""
        os.write(self._file, _DONE + message_id.bytes)

    def close(self) -> None:
        """Forget the lot: its outcome is in the database."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)


def read_journal(claim_id: UUID) -> tuple[set[UUID], set[UUID]] | None:
    """Return what of a lot was begun and what was done; None when nobody can tell."""
    path = _path_of(claim_id)
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        content = path.read_bytes()
    except BlockingIOError:
        return None
    finally:
        os.close(file)
    begun, done = set[UUID](), set[UUID]()
    for start in range(0, len(content) - 16, 17):
        found = UUID(bytes=content[start + 1 : start + 17])
        (done if content[start : start + 1] == _DONE else begun).add(found)
    return begun, done


def forget_journal(claim_id: UUID) -> None:
    """Remove the journal of a lot whose outcome is in the database."""
    _path_of(claim_id).unlink(missing_ok=True)


def _path_of(claim_id: UUID) -> Path:
    return runtime.current().data_dir / _FOLDER / str(claim_id)
