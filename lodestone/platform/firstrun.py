"""The file of secrets that the first run makes."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path


def write_secrets_once(path: Path, lines: Sequence[str]) -> None:
    """Write the file whole and readable for us alone, unless another process was faster."""
    handle, unfinished = tempfile.mkstemp(prefix=".", dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(
            "# Made on first run. Whoever has these can read what is encrypted: keep them.\n"
        )
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        return
    finally:
        Path(unfinished).unlink()
