"""Reading files of strangers in a process of its own, which has no secrets and little time."""

import asyncio
import json
import os
import sys

from lodestone.domains.lead_magnets.imports import parsing
from lodestone.domains.lead_magnets.imports.models import FileKind, ReadText
from lodestone.domains.lead_magnets.imports.printed_text import UnreadableFile

SECONDS = 40.0
AT_ONCE = 2
"""Files that this process has read at the same time; further ones wait."""

_places = asyncio.Semaphore(AT_ONCE)
_TOO_MUCH = "The file is damaged, or takes too long to read."


async def parse_apart(body: bytes, *, kind: FileKind, base_url: str = "") -> ReadText:
    """Return a file's text as Markdown. Raises UnreadableFile, also for one that takes too long."""
    async with _places:
        return await _parse(body, kind=kind, base_url=base_url)


async def _parse(body: bytes, *, kind: FileKind, base_url: str) -> ReadText:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        parsing.__name__,
        kind.value,
        base_url,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath},
    )
    try:
        answer, _ = await asyncio.wait_for(process.communicate(body), SECONDS)
    except TimeoutError as error:
        raise UnreadableFile(_TOO_MUCH) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise UnreadableFile(_TOO_MUCH)
    found = json.loads(answer)
    if "refusal" in found:
        raise UnreadableFile(found["refusal"])
    return ReadText.model_validate(found)
