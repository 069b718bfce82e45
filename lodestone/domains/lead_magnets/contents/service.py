"""The use cases of contents: read the layers, save an edit, make what was told what is read."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.archetypes import service as archetypes
from lodestone.domains.lead_magnets.checking import check
from lodestone.domains.lead_magnets.contents import conversion, formatting, queries
from lodestone.domains.lead_magnets.contents.models import (
    MOST_BYTES,
    ContentSave,
    ExtractedContent,
    GivenContent,
    PolishedDraft,
    Saved,
)
from lodestone.domains.lead_magnets.contents.reading import FRAMES, ReadingPage, render_reading
from lodestone.domains.lead_magnets.contents.rendering import RenderedContent, render_content
from lodestone.domains.lead_magnets.models import (
    Archetype,
    ContentMetadata,
    PolishedContent,
    Section,
)
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "FRAMES",
    "ContentSave",
    "ExtractedContent",
    "Layers",
    "PolishedDraft",
    "ReadingPage",
    "RenderedContent",
    "Saved",
    "check_save",
    "format_content",
    "format_unpolished",
    "from_draft",
    "get_layers",
    "keep_extracted",
    "list_unfinished",
    "patch_generated",
    "read_content",
    "render_content",
    "render_reading",
    "replace_content",
    "save_content",
]

CHANGED_MEANWHILE = "The content was changed elsewhere since you opened it."
_NOT_CONTENT = "Some of this content can't be kept as it is."
_NO_METADATA = ContentMetadata(word_count=0, reading_time_minutes=1)


class Layers(BaseModel):
    """A magnet's content in every layer; `version` counts the saves of what is read."""

    id: UUID
    user_id: UUID
    team_id: UUID | None
    title: str
    archetype: Archetype | None
    status: str
    pain_point: str | None
    target_audience: str | None
    short_description: str | None
    concept: dict[str, Any] | None
    extracted_content: dict[str, Any] | None
    generated_content: dict[str, Any] | None
    polished_content: dict[str, Any] | None
    version: int

    @property
    def has_sections(self) -> bool:
        """Say whether there is something to read."""
        return bool((self.polished_content or {}).get("sections"))


async def get_layers(tx: Tx, *, lead_magnet_id: UUID) -> Layers:
    """Return the layers of a magnet. Raises NotFound when it is missing or invisible."""
    row = await queries.get_layers(tx, lead_magnet_id=lead_magnet_id)
    return Layers.model_validate(dict(row))


def read_content(layers: Layers) -> PolishedContent | None:
    """Return what readers see: what was polished, else what the other layers give, else None."""
    if layers.has_sections:
        return PolishedContent.model_validate(layers.polished_content)
    return _convert(layers)


def check_save(given: Any) -> ContentSave:
    """Return a save as its editor sent it.

    Raises InvalidInput that names every wrong path, such as `sections.0.blocks.2.url`.
    """
    try:
        return check(ContentSave, given, message=_NOT_CONTENT)
    except InvalidInput as refusal:
        fields = {path.removeprefix("content."): what for path, what in refusal.fields.items()}
        raise InvalidInput(_NOT_CONTENT, fields=fields) from refusal


async def save_content(tx: Tx, *, lead_magnet_id: UUID, given: ContentSave) -> Saved:
    """Keep an edit of the whole content, counted anew.

    Raises Conflict when somebody saved since the version that it began with, NotFound.
    """
    layers = await get_layers(tx, lead_magnet_id=lead_magnet_id)
    content = _polished(given.content, title=layers.title)
    return await _write(tx, layers, content, begun_with=given.version)


async def replace_content(
    tx: Tx, *, lead_magnet_id: UUID, content: dict[str, Any], begun_with: int | None = None
) -> Saved:
    """Put other content in the place of what is read. Raises Conflict, NotFound."""
    layers = await get_layers(tx, lead_magnet_id=lead_magnet_id)
    return await _write(tx, layers, PolishedContent.model_validate(content), begun_with=begun_with)


def from_draft(draft: PolishedDraft, *, title: str) -> PolishedContent:
    """Return what polishing gave as content, every section with its id."""
    named = GivenContent(hero_summary=draft.hero_summary, sections=draft.sections)
    return _polished(named, title=title)


async def keep_extracted(tx: Tx, *, lead_magnet_id: UUID, given: Any) -> ExtractedContent:
    """Keep what the author said.

    Raises InvalidInput that names every wrong path, NotFound.
    """
    extracted = check(ExtractedContent, given, message=_NOT_CONTENT)
    await queries.update_extracted(tx, lead_magnet_id=lead_magnet_id, extracted=extracted.to_json())
    return extracted


async def patch_generated(
    tx: Tx, *, lead_magnet_id: UUID, patch: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Change a draft in its format: fields given are replaced, lists whole, null takes one away.

    Returns the draft and what it still lacks, by path. Raises InvalidInput for what can't become
    content of this format, Conflict while the magnet has no format, NotFound.
    """
    layers = await get_layers(tx, lead_magnet_id=lead_magnet_id)
    if layers.archetype is None:
        raise Conflict("Choose a format first.")
    values = {key: value for key, value in patch.items() if value is not None}
    deleted = [key for key, value in patch.items() if value is None]
    generated = await queries.merge_generated(
        tx, lead_magnet_id=lead_magnet_id, values=values, deleted=deleted
    )
    return generated, archetypes.check_draft(layers.archetype, generated)


def list_unfinished(layers: Layers) -> dict[str, str]:
    """Return what the draft in its format still lacks, by path; nothing without a draft."""
    if layers.archetype is None or not layers.generated_content:
        return {}
    return archetypes.check_draft(layers.archetype, layers.generated_content)


async def format_content(tx: Tx, *, lead_magnet_id: UUID) -> Saved:
    """Set what is read for scanning, keeping every word.

    Raises InvalidInput when there is nothing to set, Conflict, NotFound.
    """
    layers = await get_layers(tx, lead_magnet_id=lead_magnet_id)
    content = read_content(layers)
    if content is None:
        raise InvalidInput("There is no content yet.", fields={"content": "Write some first."})
    formatted = formatting.format_content(content)
    return await _write(tx, layers, formatted, begun_with=layers.version)


async def format_unpolished(tx: Tx, *, lead_magnet_id: UUID) -> bool:
    """Give a magnet that nobody polished content to read; say whether there is any now.

    A draft in its format goes first when it is finished, then what the author said. Raises
    InvalidInput that names what the draft lacks when there is nothing else, NotFound.
    """
    layers = await get_layers(tx, lead_magnet_id=lead_magnet_id)
    if layers.has_sections:
        return True
    unfinished = list_unfinished(layers)
    if unfinished and not layers.extracted_content:
        raise InvalidInput("The content is not finished yet.", fields=unfinished)
    content = _convert(layers)
    if content is None:
        return False
    await _write(tx, layers, formatting.format_content(content), begun_with=layers.version)
    return True


def _convert(layers: Layers) -> PolishedContent | None:
    draft, archetype = layers.generated_content, layers.archetype
    if draft and archetype and not (layers.extracted_content and list_unfinished(layers)):
        content = conversion.from_generated(draft, archetype=archetype, title=layers.title)
    elif layers.extracted_content:
        extracted = ExtractedContent.model_validate(layers.extracted_content)
        content = conversion.from_extracted(extracted, title=layers.title)
    else:
        return None
    return content.model_copy(update={"metadata": rules.measure(content)})


def _polished(given: GivenContent, *, title: str) -> PolishedContent:
    return PolishedContent(
        title=title,
        hero_summary=given.hero_summary,
        sections=[
            Section.model_validate(section.model_dump(mode="json", by_alias=True))
            for section in given.sections
        ],
        metadata=_NO_METADATA,
    )


async def _write(
    tx: Tx, layers: Layers, content: PolishedContent, *, begun_with: int | None
) -> Saved:
    metadata = rules.measure(content)
    now = datetime.now(UTC)
    kept = content.model_copy(update={"metadata": metadata, "polished_at": now})
    if len(kept.model_dump_json()) > MOST_BYTES:
        raise InvalidInput(_NOT_CONTENT, fields={"content": "At most 1 MB in all."})
    version = await queries.update_polished(
        tx, lead_magnet_id=layers.id, polished=kept.to_json(), begun_with=begun_with
    )
    if version is None:
        raise _refusal(await get_layers(tx, lead_magnet_id=layers.id), begun_with)
    return Saved(
        version=version,
        word_count=metadata.word_count,
        reading_time_minutes=metadata.reading_time_minutes,
    )


def _refusal(now: Layers, begun_with: int | None) -> Conflict | NotFound:
    """Return why an update met no row: another version, or a row that may only be read."""
    if begun_with is not None and now.version != begun_with:
        return Conflict(CHANGED_MEANWHILE, details={"version": now.version})
    return NotFound("There is no such lead magnet.")
