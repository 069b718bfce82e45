"""Pictures made ready for pages: checked, turned upright, no larger than a page shows."""

import hashlib
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
QUALITY = 82


def make_ready(content: bytes) -> bytes:
    """Return an upload as WebP, without whatever its camera wrote into it.

    Raises: ValueError with a sentence when it is no such picture, or too large to open.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError("This picture has more than 40 million pixels.")
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            written = BytesIO()
            upright.convert(mode).save(written, "WEBP", quality=QUALITY, method=4)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError("This is no PNG, JPEG, WebP or GIF picture.") from error
    return written.getvalue()


def name_of(content: bytes) -> str:
    """Return a name that only this content has, so that it can be kept for ever."""
    return hashlib.sha256(content).hexdigest()[:32]
