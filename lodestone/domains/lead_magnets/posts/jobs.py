"""Posts for a magnet that exists already."""

from typing import Any
from uuid import UUID

from lodestone.domains.lead_magnets.background_jobs import service as background
from lodestone.domains.lead_magnets.background_jobs.service import (
    BackgroundJob,
    Kind,
    WorkOn,
    carry_out,
    writer_for,
)
from lodestone.domains.lead_magnets.brand_kits import service as brand_kits
from lodestone.domains.lead_magnets.posts import service
from lodestone.domains.lead_magnets.posts.models import PostResult
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job

SECONDS = Kind.POSTS.ceiling.total_seconds()


@job("lead_magnets:promote_magnet", attempts=3, timeout_seconds=SECONDS)
async def promote_magnet(args: WorkOn) -> None:
    """Write three posts about a magnet."""
    await carry_out(args, _write, _keep)


async def begin(tx: Tx, *, lead_magnet_id: UUID, user_id: UUID) -> BackgroundJob:
    """Begin to write posts. Raises NotFound when the magnet is invisible."""
    await service.get_promotion(tx, lead_magnet_id=lead_magnet_id)
    given = {"lead_magnet_id": str(lead_magnet_id)}
    return await background.begin(tx, promote_magnet, user_id=user_id, kind=Kind.POSTS, given=given)


async def _write(found: BackgroundJob) -> dict[str, Any]:
    lead_magnet_id = UUID(found.input["lead_magnet_id"])
    async with runtime.acting_as(writer_for(found.user_id), readonly=True) as tx:
        promotion = await service.get_promotion(tx, lead_magnet_id=lead_magnet_id)
        kit = await brand_kits.find_kit(tx, user_id=found.user_id, team_id=promotion.team_id)
        given = await service.post_input(
            tx,
            lead_magnet_id=lead_magnet_id,
            author=brand_kits.describe_author(kit),
            tone=kit.preferred_tone if kit else "conversational",
        )
    caller = prompts.Caller(
        "lead_magnets", user_id=found.user_id, team_id=promotion.team_id, job_id=found.id
    )
    outcome = await service.write(given, caller=caller)
    return {"posts": outcome.value.to_json(), "madeBy": outcome.model}


async def _keep(tx: Tx, found: BackgroundJob, result: dict[str, Any]) -> None:
    await service.keep_posts(
        tx,
        lead_magnet_id=UUID(found.input["lead_magnet_id"]),
        found=PostResult.model_validate(result["posts"]),
    )
