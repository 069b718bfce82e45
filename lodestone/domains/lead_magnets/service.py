"""The use cases of lead magnets, and the door for other domains."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lodestone.domains.identity import service as identity
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets import queries, rules
from lodestone.domains.lead_magnets.archetypes.service import (
    ARCHETYPES,
    ArchetypeInfo,
    Guidance,
    InteractiveType,
    PublishedContent,
    Question,
    check_content,
    guidance_of,
    guidance_text,
    interactive_of,
    list_unanswered,
    model_of,
    name_of,
    questions_of,
)
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.brand_kits.service import BrandKit, describe_author
from lodestone.domains.lead_magnets.contents.service import (
    FRAMES,
    ExtractedContent,
    ReadingPage,
    RenderedContent,
    format_unpolished,
    keep_extracted,
    render_content,
    render_reading,
)
from lodestone.domains.lead_magnets.external_resources.service import (
    ExternalResource,
    get_resource,
)
from lodestone.domains.lead_magnets.interactive.service import (
    find_tool,
    has_tool,
    open_session,
    render_tool,
)
from lodestone.domains.lead_magnets.libraries.service import (
    Library,
    ShownItem,
    ShownLibrary,
    get_library,
    show_library,
)
from lodestone.domains.lead_magnets.models import (
    Archetype,
    LeadMagnet,
    LeadMagnetCreate,
    LeadMagnetRow,
    LeadMagnetStatus,
    LeadMagnetUpdate,
    PolishedContent,
)
from lodestone.platform.database import Tx

__all__ = [
    "ARCHETYPES",
    "FRAMES",
    "Archetype",
    "ArchetypeInfo",
    "BrandKit",
    "ExternalResource",
    "ExtractedContent",
    "Guidance",
    "InteractiveType",
    "LeadMagnet",
    "LeadMagnetCreate",
    "LeadMagnetRow",
    "LeadMagnetStatus",
    "LeadMagnetUpdate",
    "Library",
    "PolishedContent",
    "PublishedContent",
    "Question",
    "ReadingPage",
    "RenderedContent",
    "ShownItem",
    "ShownLibrary",
    "archive_lead_magnet",
    "check_content",
    "describe_author",
    "find_brand_kit",
    "find_funnel",
    "find_tool",
    "format_unpolished",
    "get_lead_magnet",
    "get_library",
    "get_resource",
    "guidance_of",
    "guidance_text",
    "has_tool",
    "interactive_of",
    "keep_extracted",
    "list_lead_magnets",
    "list_unanswered",
    "mark_published",
    "model_of",
    "name_of",
    "open_session",
    "questions_of",
    "read_body",
    "render_content",
    "render_reading",
    "render_tool",
    "restore_lead_magnet",
    "revise_lead_magnet",
    "show_library",
    "write_lead_magnet",
]


async def write_lead_magnet(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, given: LeadMagnetCreate
) -> LeadMagnet:
    """Keep a new magnet as a draft, its text structured into sections.

    Raises: identity's UsageLimitExceeded when the plan of whoever pays holds no more.
    """
    content = rules.structure_text(given.body, title=given.title, polished_at=datetime.now(UTC))
    with identity.limits_told():
        row = await queries.insert_lead_magnet(
            tx,
            user_id=user_id,
            team_id=team_id,
            title=given.title,
            archetype=given.archetype,
            pain_point=given.pain_point,
            target_audience=given.target_audience,
            short_description=given.short_description or content.hero_summary[:1000] or None,
            polished_content=content.to_json(),
        )
    return LeadMagnet.model_validate(dict(row))


async def get_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> LeadMagnet:
    """Return a magnet. Raises NotFound when it is missing or invisible."""
    row = await queries.get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    return LeadMagnet.model_validate(dict(row))


async def list_lead_magnets(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    status: LeadMagnetStatus | None = None,
    sort: str = "updated_at",
    descending: bool = True,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[LeadMagnetRow], int]:
    """Return a page of a workspace's magnets and how many it has in all."""
    rows = await queries.list_lead_magnets(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        status=status,
        sort=sort,
        descending=descending,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_lead_magnets(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        status=status,
    )
    return [LeadMagnetRow.model_validate(dict(row)) for row in rows], total


async def revise_lead_magnet(
    tx: Tx, *, lead_magnet_id: UUID, given: LeadMagnetUpdate
) -> LeadMagnet:
    """Change what is given and nothing else; new text is structured again."""
    changes = given.model_dump(mode="json", exclude_unset=True, exclude={"body"})
    if given.body is not None:
        title = given.title or (await get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)).title
        content = rules.structure_text(given.body, title=title, polished_at=datetime.now(UTC))
        changes["polished_content"] = content.to_json()
    row = await queries.update_lead_magnet(tx, lead_magnet_id=lead_magnet_id, changes=changes)
    return LeadMagnet.model_validate(dict(row))


async def archive_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> None:
    """Hide a magnet from the list; its links and leads stay."""
    await queries.set_lead_magnet_status(
        tx, lead_magnet_id=lead_magnet_id, status=LeadMagnetStatus.ARCHIVED
    )


async def restore_lead_magnet(tx: Tx, *, lead_magnet_id: UUID) -> None:
    """Bring an archived magnet back as a draft."""
    await queries.set_lead_magnet_status(
        tx, lead_magnet_id=lead_magnet_id, status=LeadMagnetStatus.DRAFT
    )


async def mark_published(tx: Tx, *, lead_magnet_id: UUID) -> None:
    """Note that a funnel shows the magnet now."""
    await queries.set_lead_magnet_status(
        tx, lead_magnet_id=lead_magnet_id, status=LeadMagnetStatus.PUBLISHED
    )


async def find_funnel(tx: Tx, *, lead_magnet_id: UUID) -> UUID | None:
    """Find the funnel page of a magnet, variants aside."""
    return await queries.find_funnel(tx, lead_magnet_id=lead_magnet_id)


async def find_brand_kit(tx: Tx, *, user_id: UUID, team_id: UUID | None) -> dict[str, Any] | None:
    """Return how a workspace speaks and looks, by column, or None when nobody has said."""
    kit = await brand_kits.find_kit(tx, user_id=user_id, team_id=team_id)
    return kit.model_dump() if kit is not None else None


def read_body(magnet: LeadMagnet) -> str:
    """Return the magnet's content as the Markdown that its editor shows."""
    if magnet.polished_content is None:
        return ""
    return rules.write_text(PolishedContent.model_validate(magnet.polished_content))
