"""The use cases of pictures. They take no `tx`: bytes flow between the transactions."""

import asyncio
from functools import lru_cache
from uuid import UUID

from lodestone.domains.files import service as files
from lodestone.domains.funnels import looks
from lodestone.domains.funnels.models import PublicPage
from lodestone.domains.funnels.pictures import drawing, rules
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.errors import InvalidInput

KEPT_SECONDS = 365 * 24 * 3600
_KEPT_IN_MEMORY = 256

_draw = lru_cache(_KEPT_IN_MEMORY)(drawing.draw)


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


def make_sheet(page: PublicPage) -> drawing.Sheet:
    """Return what the picture of a page shows."""
    return drawing.Sheet(
        headline=page.optin_headline,
        site_name=page.site_name or page.author_name or "",
        palette=looks.choose_palette(
            theme=page.theme,
            accent=page.primary_color,
            background=page.background_color,
            style=page.background_style,
        ),
    )


def share_url(page: PublicPage) -> str:
    """Return the address of a page's picture; it changes with what the picture shows."""
    base_url = runtime.current().base_url
    return f"{page.address(base_url)}/picture/{make_sheet(page).version}.png"


async def draw_shared(sheet: drawing.Sheet) -> bytes:
    """Return a page's picture as PNG, drawn once per process."""
    return await asyncio.to_thread(_draw, sheet)
