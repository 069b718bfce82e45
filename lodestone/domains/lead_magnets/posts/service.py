"""The use cases of posts."""

from typing import Any
from uuid import UUID

from lodestone.domains.lead_magnets.models import Archetype
from lodestone.domains.lead_magnets.posts import queries, rules
from lodestone.domains.lead_magnets.posts.models import (
    PostInput,
    PostResult,
    PostVariation,
    Promotion,
    PromotionUpdate,
)
from lodestone.domains.lead_magnets.posts.writing import WRITE_POSTS
from lodestone.domains.prompts import service as prompts
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput, NotFound

__all__ = [
    "PostInput",
    "PostResult",
    "PostVariation",
    "Promotion",
    "PromotionUpdate",
    "choose_post",
    "get_promotion",
    "judge",
    "keep_posts",
    "post_input",
    "revise_promotion",
    "write",
]

judge = rules.judge


async def write(given: PostInput, *, caller: prompts.Caller) -> prompts.Outcome[PostResult]:
    """Write three posts, outside any transaction."""
    outcome = await prompts.run(WRITE_POSTS, given, caller=caller)
    return prompts.Outcome(
        value=rules.settle(outcome.value, given),
        model=outcome.model,
        source=outcome.source,
        prompt_version=outcome.prompt_version,
        failure=outcome.failure,
    )


async def get_promotion(tx: Tx, *, lead_magnet_id: UUID) -> Promotion:
    """Return what a magnet has for its promotion. Raises NotFound when it is invisible."""
    return Promotion.model_validate(await _find(tx, lead_magnet_id))


async def _find(tx: Tx, lead_magnet_id: UUID) -> dict[str, Any]:
    row = await queries.find_promotion(tx, lead_magnet_id=lead_magnet_id)
    if row is None:
        raise NotFound("There is no such lead magnet.")
    return dict(row)


async def post_input(tx: Tx, *, lead_magnet_id: UUID, author: str, tone: str) -> PostInput:
    """Return what posts about a magnet are written from. Raises NotFound."""
    row = await _find(tx, lead_magnet_id)
    concept = row["concept"] or {}
    extracted = row["extracted_content"] or {}
    polished = row["polished_content"] or {}
    sections = extracted.get("structure") or polished.get("sections") or []
    names = [str(each.get("sectionName", "")) for each in sections if isinstance(each, dict)]
    return PostInput(
        title=row["title"],
        format=Archetype(row["archetype"]).label if row["archetype"] else "",
        pain_solved=row["pain_point"] or concept.get("painSolved") or "",
        why_now=concept.get("whyNowHook") or row["short_description"] or "",
        contents=rules.describe_contents(names),
        proof=str(extracted.get("proof") or ""),
        author=author,
        tone=tone,
        audience=row["target_audience"] or "",
    )


async def keep_posts(tx: Tx, *, lead_magnet_id: UUID, found: PostResult) -> None:
    """Keep new posts on a magnet; the one chosen before stays as its author left it.

    Raises NotFound when the magnet is invisible.
    """
    before = await get_promotion(tx, lead_magnet_id=lead_magnet_id)
    changes: dict[str, Any] = {"post_variations": [each.to_json() for each in found.variations]}
    if not before.dm_template:
        changes["dm_template"] = found.dm_template
    if not before.cta_word:
        changes["cta_word"] = found.cta_word
    await queries.update_promotion(tx, lead_magnet_id=lead_magnet_id, changes=changes)


async def choose_post(tx: Tx, *, lead_magnet_id: UUID, index: int) -> None:
    """Take one of the posts as the magnet's. Raises InvalidInput, NotFound."""
    promotion = await get_promotion(tx, lead_magnet_id=lead_magnet_id)
    if not 0 <= index < len(promotion.variations):
        raise InvalidInput("Choose one of the posts.", fields={"index": "Choose one of the posts."})
    changes = {"linkedin_post": promotion.variations[index].post}
    await queries.update_promotion(tx, lead_magnet_id=lead_magnet_id, changes=changes)


async def revise_promotion(tx: Tx, *, lead_magnet_id: UUID, given: PromotionUpdate) -> None:
    """Change the post, the message or the word; what is not given stays. Raises NotFound."""
    values = given.model_dump(exclude_unset=True)
    if "post" in values:
        values["linkedin_post"] = values.pop("post")
    if not await queries.update_promotion(tx, lead_magnet_id=lead_magnet_id, changes=values):
        raise NotFound("There is no such lead magnet.")
