"""Work on contents that takes minutes."""

from uuid import UUID

from lodestone.domains.lead_magnets.background_jobs import service as background_jobs
from lodestone.domains.lead_magnets.background_jobs.service import BackgroundJob, Kind, WorkOn
from lodestone.domains.lead_magnets.contents import polishing
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job


@job("lead_magnets:polish_content", attempts=3, timeout_seconds=600)
async def polish_content(args: WorkOn) -> None:
    """Polish the text of a lead magnet."""
    await background_jobs.carry_out(args, polishing.polish, polishing.keep)


@job("lead_magnets:write_content", attempts=3, timeout_seconds=600)
async def write_content(args: WorkOn) -> None:
    """Write a lead magnet from its idea, and polish it."""
    await background_jobs.carry_out(args, polishing.write, polishing.keep)


async def begin_polish(tx: Tx, *, user_id: UUID, lead_magnet_id: UUID) -> BackgroundJob:
    """Have a magnet polished; `tx` is the writer's. Raises InvalidInput, NotFound."""
    await polishing.check_polish(tx, lead_magnet_id=lead_magnet_id)
    return await background_jobs.begin(
        tx,
        polish_content,
        user_id=user_id,
        kind=Kind.CONTENT_POLISH,
        given={"lead_magnet_id": str(lead_magnet_id)},
    )


async def begin_writing(tx: Tx, *, user_id: UUID, lead_magnet_id: UUID) -> BackgroundJob:
    """Have a magnet written from its idea; `tx` is the writer's. Raises NotFound."""
    await polishing.check_visible(tx, lead_magnet_id=lead_magnet_id)
    return await background_jobs.begin(
        tx,
        write_content,
        user_id=user_id,
        kind=Kind.CONTENT_GENERATION,
        given={"lead_magnet_id": str(lead_magnet_id)},
    )
