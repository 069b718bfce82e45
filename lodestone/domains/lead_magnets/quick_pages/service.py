"""The use case of quick pages."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from lodestone.domains.funnels import service as funnels
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.quick_pages.models import QuickPage, QuickPageMade
from lodestone.domains.lead_magnets.wizard import queries
from lodestone.platform.database import Tx

_LONGEST_SUMMARY = 1_000


async def make_quick_page(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, given: QuickPage
) -> QuickPageMade:
    """Make a toolkit of a title and draft its page, in the caller's one transaction.

    Raises: identity's UsageLimitExceeded for a magnet or a page too many.
    """
    content = rules.structure_text(
        given.description, title=given.title, polished_at=datetime.now(UTC)
    )
    summary = content.hero_summary[:_LONGEST_SUMMARY] or None
    lead_magnet_id = uuid4()
    values = {
        "user_id": str(user_id),
        "team_id": str(team_id) if team_id else None,
        "title": given.title,
        "archetype": Archetype.FOCUSED_TOOLKIT,
        "concept": {
            "archetype": Archetype.FOCUSED_TOOLKIT,
            "archetypeName": Archetype.FOCUSED_TOOLKIT.label,
            "title": given.title,
            "painSolved": summary or "",
            "isQuickCreate": True,
        },
        "polished_content": content.to_json() if given.description else None,
        "short_description": summary,
    }
    with identity.limits_told():
        await queries.insert_lead_magnet(tx, lead_magnet_id=lead_magnet_id, values=values)
        page = await funnels.draft_funnel(tx, user_id=user_id, lead_magnet_id=lead_magnet_id)
    return QuickPageMade(lead_magnet_id=lead_magnet_id, funnel_page_id=page.id)
