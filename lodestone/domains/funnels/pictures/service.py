"""The use cases of pictures. They take no `tx`: bytes flow between the transactions."""

import asyncio
from uuid import UUID

from lodestone.domains.files import service as files
from lodestone.domains.funnels.pictures import rules
from lodestone.platform.actors import Actor
from lodestone.platform.errors import InvalidInput

KEPT_SECONDS = 365 * 24 * 3600


async def keep_picture(actor: Actor, *, owner_id: UUID, content: bytes) -> str:
    """Keep an uploaded picture among the public files of a person or team; return its address.

    Raises InvalidInput when it is no picture that a page can show.
    """
    try:
        ready = await asyncio.to_thread(rules.make_ready, content)
    except ValueError as refusal:
        raise InvalidInput(str(refusal), fields={"picture": str(refusal)}) from refusal
    where = files.place(owner_id, f"pages/{rules.name_of(ready)}.webp", public=True)
    await files.put_file(actor, where, ready, mime_type="image/webp", cache_seconds=KEPT_SECONDS)
    return files.public_address(where)
