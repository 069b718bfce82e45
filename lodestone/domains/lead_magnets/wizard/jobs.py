"""What the wizard does in the background, and how that is begun."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lodestone.domains.lead_magnets.background_jobs import service as background
from lodestone.domains.lead_magnets.background_jobs.service import (
    BackgroundJob,
    Kind,
    WorkOn,
    carry_out,
)
from lodestone.domains.lead_magnets.wizard import service, work
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict
from lodestone.platform.jobs import Job, job, schedule

LONG_SECONDS = Kind.IDEATION.ceiling.total_seconds()
USUAL_SECONDS = Kind.EXTRACTION.ceiling.total_seconds()


@job("lead_magnets:think_up_ideas", attempts=3, timeout_seconds=LONG_SECONDS)
async def think_up_ideas(args: WorkOn) -> None:
    """Think up ten ideas for a draft, and choose among them."""
    await carry_out(args, work.think_up, work.keep_ideas)


@job("lead_magnets:reword_questions", attempts=3, timeout_seconds=USUAL_SECONDS)
async def reword_questions(args: WorkOn) -> None:
    """Word a format's questions for a draft's author."""
    await carry_out(args, work.reword, work.keep_questions)


@job("lead_magnets:extract_content", attempts=3, timeout_seconds=USUAL_SECONDS)
async def extract_content(args: WorkOn) -> None:
    """Put a draft's answers in order."""
    await carry_out(args, work.extract, work.keep_extracted)


@job("lead_magnets:write_posts", attempts=3, timeout_seconds=USUAL_SECONDS)
async def write_posts(args: WorkOn) -> None:
    """Write three posts for a draft."""
    await carry_out(args, work.write_posts, work.keep_posts)


@job("lead_magnets:read_context", attempts=3, timeout_seconds=USUAL_SECONDS)
async def read_context(args: WorkOn) -> None:
    """Read a business out of a text or a web site."""
    await carry_out(args, work.read_context, work.keep_context)


@job("lead_magnets:read_transcript", attempts=3, timeout_seconds=USUAL_SECONDS)
async def read_transcript(args: WorkOn) -> None:
    """Find what clients said in a call."""
    await carry_out(args, work.listen, work.keep_insights)


@job("lead_magnets:read_competitor", attempts=3, timeout_seconds=USUAL_SECONDS)
async def read_competitor(args: WorkOn) -> None:
    """Find what works in somebody else's magnet."""
    await carry_out(args, work.dissect, work.keep_analysis)


@schedule("lead_magnets:delete_expired_drafts", cron="17 3 * * *")
async def delete_expired_drafts() -> None:
    """Delete drafts that were put away more than a day ago."""
    async with runtime.acting_as(Root()) as tx:
        await service.delete_expired(tx)


TASKS: Mapping[str, Job[WorkOn]] = {
    Kind.IDEATION: think_up_ideas,
    Kind.QUESTIONS: reword_questions,
    Kind.EXTRACTION: extract_content,
    Kind.POSTS: write_posts,
    Kind.BRAND_CONTEXT: read_context,
    Kind.TRANSCRIPT: read_transcript,
    Kind.COMPETITOR: read_competitor,
}


async def begin(
    tx: Tx,
    *,
    draft_id: UUID,
    team_id: UUID | None,
    user_id: UUID,
    kind: Kind,
    given: Mapping[str, Any] | None = None,
) -> BackgroundJob:
    """Begin work for a draft, which waits for it. Raises: NotFound, Conflict while it waits."""
    what = {
        "draft_id": str(draft_id),
        "team_id": str(team_id) if team_id else None,
        **(given or {}),
    }
    await _forget_failed(tx, draft_id)
    begun = await background.begin(tx, TASKS[kind], user_id=user_id, kind=kind, given=what)
    await service.await_job(tx, draft_id=draft_id, job=begun)
    return begun


async def _forget_failed(tx: Tx, draft_id: UUID) -> None:
    """Let a draft go on after work that failed, or whose person is gone."""
    pending = (await service.get_draft(tx, draft_id=draft_id)).state.pending_job
    if pending is not None:
        former = await background.find_job(tx, job_id=pending.job_id)
        if former is None or former.status.is_over:
            await service.stop_waiting(tx, draft_id=draft_id)


async def begin_reading(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, source: Mapping[str, Any]
) -> BackgroundJob:
    """Begin to read a business for a kit that no draft waits for."""
    what = {"team_id": str(team_id) if team_id else None, "source": dict(source)}
    return await background.begin(
        tx, read_context, user_id=user_id, kind=Kind.BRAND_CONTEXT, given=what
    )


async def retry(tx: Tx, *, job_id: UUID) -> BackgroundJob:
    """Do failed work again, with the same input. Raises: NotFound, Conflict."""
    found = await background.find_job(tx, job_id=job_id)
    if found is None or found.kind not in TASKS:
        raise Conflict("This work can't be tried again.")
    return await background.retry(tx, TASKS[found.kind], job_id=job_id)
