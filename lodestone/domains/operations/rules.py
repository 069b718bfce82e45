"""Pure rules of the pipeline."""

import re
import unicodedata
from uuid import UUID, uuid5

from lodestone.domains.operations.models import Touch

# Names the events that follow from another thing, so that a handler that runs twice writes one.
EVENTS = UUID("6f2bb4c0-4d0e-5b53-9d3a-2f1c7f5e9a10")
SLUG_LIMIT = 40


def lead_slug(*, name: str | None, email: str, key: UUID) -> str:
    """Return a readable slug, unique by the first eight digits of the key."""
    text = name or email.split("@", maxsplit=1)[0]
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LIMIT].strip("-")
    return f"{words or 'lead'}-{key.hex[:8]}"


def event_id(kind: str, subject: UUID) -> UUID:
    """Return the id of an event that can happen once to its subject."""
    return uuid5(EVENTS, f"{kind}:{subject}")


def opt_in_data(touch: Touch) -> dict[str, object]:
    """Return the data of a first touch; its source is the lead's from then on."""
    first = touch.model_dump(mode="json", exclude_none=True, exclude={"email", "name"})
    kept = {key: value for key, value in first.items() if key.startswith("utm_")}
    return {"source": touch.source.value, **kept, "touches": [first]}
