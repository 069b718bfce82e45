"""The use cases of the swipe file."""

from uuid import UUID

import structlog

from lodestone.auth.models import SignedIn
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.swipe_file import queries
from lodestone.domains.lead_magnets.swipe_file.models import (
    Example,
    Kind,
    MagnetSubmit,
    PostSubmit,
    Search,
    Status,
)
from lodestone.domains.lead_magnets.wizard import service as wizard
from lodestone.domains.lead_magnets.wizard.models import MOST_SOURCE, CompetitorInspiration
from lodestone.platform import ratelimit, runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

__all__ = [
    "Example",
    "Kind",
    "Search",
    "Status",
    "get_example",
    "list_examples",
    "list_for_review",
    "list_submitted",
    "review",
    "start_from",
    "submit_magnet",
    "submit_post",
    "withdraw",
]

SUBMITTED_A_DAY = 20
MOST_OWN = 200
REVIEWED_AT_ONCE = 20

_log = structlog.get_logger(__name__)


async def list_examples(tx: Tx, kind: Kind, *, search: Search) -> tuple[list[Example], int]:
    """Return a page of what everybody may see of a kind, and how many there are."""
    rows = await queries.list_examples(
        tx,
        kind,
        words=search.words,
        niche=search.niche,
        type_=search.type,
        limit=search.limit,
        offset=search.offset,
    )
    total = await queries.count_examples(
        tx, kind, words=search.words, niche=search.niche, type_=search.type
    )
    return [Example.model_validate(dict(row)) for row in rows], total


async def get_example(tx: Tx, kind: Kind, *, example_id: UUID) -> Example:
    """Return an example that everybody may see, or one's own. Raises NotFound."""
    row = await queries.get_example(tx, kind, example_id=example_id)
    return Example.model_validate(dict(row))


async def list_submitted(tx: Tx, *, user_id: UUID) -> list[Example]:
    """Return what a person submitted, the newest first."""
    rows = await queries.list_submitted(tx, user_id=user_id, limit=MOST_OWN)
    return [Example.model_validate(dict(row)) for row in rows]


async def submit_post(tx: Tx, *, user_id: UUID, given: PostSubmit) -> None:
    """Keep a post until somebody has looked at it. Raises RateLimited after twenty in a day."""
    await _take(tx, user_id)
    await queries.insert_post(tx, user_id=user_id, values=given.model_dump(mode="json"))


async def submit_magnet(tx: Tx, *, user_id: UUID, given: MagnetSubmit) -> None:
    """Keep a magnet until somebody has looked at it. Raises RateLimited after twenty in a day."""
    await _take(tx, user_id)
    await queries.insert_magnet(tx, user_id=user_id, values=given.model_dump(mode="json"))


async def _take(tx: Tx, user_id: UUID) -> None:
    await ratelimit.take(tx, f"swipe file:{user_id}", SUBMITTED_A_DAY, 24 * 3600)


async def withdraw(tx: Tx, kind: Kind, *, example_id: UUID, user_id: UUID) -> None:
    """Take back what one submitted, whatever its state. Raises NotFound for anybody else's."""
    await queries.delete_example(tx, kind, example_id=example_id, user_id=user_id)


async def start_from(
    tx: Tx, kind: Kind, *, example_id: UUID, draft_id: UUID, user_id: UUID, scope: Scope
) -> None:
    """Begin a draft of the wizard that has an example as the text to learn from.

    The same draft id twice begins one. Raises NotFound when the example is invisible.
    """
    example = await get_example(tx, kind, example_id=example_id)
    kit = await brand_kits.find_kit(tx, user_id=user_id, team_id=scope.team_id)
    await wizard.start_draft(tx, draft_id=draft_id, user_id=user_id, team_id=scope.team_id, kit=kit)
    draft = await wizard.get_draft(tx, draft_id=draft_id)
    if draft.state.ideation_sources.competitor_inspiration.raw:
        return
    await wizard.revise(
        tx,
        draft_id=draft_id,
        version=draft.version,
        change=lambda state: _inspire(state, example.text[:MOST_SOURCE]),
    )


def _inspire(state: wizard.WizardState, text: str) -> wizard.WizardState:
    other = CompetitorInspiration(raw=text)
    sources = state.ideation_sources.model_copy(update={"competitor_inspiration": other})
    return state.model_copy(update={"ideation_sources": sources})


async def list_for_review(
    admin: SignedIn, *, status: Status, page: int = 1
) -> tuple[list[Example], dict[str, int]]:
    """Return the examples in a state, the oldest first, and how many each state has.

    Raises NotFound for people who are no super admin.
    """
    _refuse_others(admin)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        rows = await queries.list_by_status(
            tx, status=status, limit=REVIEWED_AT_ONCE, offset=(page - 1) * REVIEWED_AT_ONCE
        )
        counts = await queries.count_by_status(tx)
    return [Example.model_validate(dict(row)) for row in rows], counts


async def review(admin: SignedIn, kind: Kind, *, example_id: UUID, status: Status) -> None:
    """Show an example to everybody, feature it, or hide it; twice is once.

    Raises NotFound for people who are no super admin, or when it was withdrawn meanwhile.
    """
    _refuse_others(admin)
    async with runtime.acting_as(Root()) as tx:
        await queries.update_status(tx, kind, example_id=example_id, status=status)
    _log.info(
        "swipe_file_reviewed",
        example_id=str(example_id),
        status=status.value,
        user_id=str(admin.user_id),
    )


def _refuse_others(admin: SignedIn) -> None:
    if not admin.is_super_admin:
        raise NotFound("There is nothing at this address.")
