"""The use cases of the review queue: mails arrive, are read beside their original, and decided."""

from typing import Any
from uuid import UUID

from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.flows import engine
from lodestone.domains.email.flows.engine import FollowUps
from lodestone.domains.email.flows.models import RunningFlow, Step, Traveller
from lodestone.domains.email.flows.queries import contacts
from lodestone.domains.email.reviews import queries, rules
from lodestone.domains.email.reviews.models import (
    Review,
    ReviewEdit,
    ReviewRow,
    ReviewStatus,
)
from lodestone.domains.email.reviews.writing import Known, Task, rewrite
from lodestone.domains.identity.service import Scope
from lodestone.domains.prompts.service import OFFLINE
from lodestone.platform import runtime
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, NotFound

_CAME_BY = {"lead_magnet": "an opt-in", "import": "an import", "positive_reply": "a reply"}


async def list_reviews(
    tx: Tx,
    *,
    scope: Scope,
    status: str | None = None,
    search: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[ReviewRow], dict[str, int]]:
    """Return a page of a workspace's queue, and how many are in each status."""
    team_id = scope.home_team_id
    if team_id is None:
        return [], {}
    rows = await queries.list_reviews(
        tx, team_id=team_id, status=status, search=search, limit=limit, offset=offset
    )
    counts = await queries.count_by_status(tx, team_id=team_id, search=search)
    return [ReviewRow.model_validate(dict(row)) for row in rows], counts


async def count_old(tx: Tx, *, scope: Scope) -> int:
    """Return how many mails have waited for more than a week."""
    if scope.home_team_id is None:
        return 0
    return await queries.count_old(tx, team_id=scope.home_team_id, days=rules.OLD_AFTER.days)


async def get_review(tx: Tx, *, scope: Scope, review_id: UUID) -> Review:
    """Return a mail of a workspace's queue. Raises NotFound when it is missing or another's."""
    review = Review.model_validate(dict(await queries.get_review(tx, review_id=review_id)))
    if review.team_id != scope.home_team_id:
        raise NotFound("There is no such mail in the queue.")
    return review


async def find_next(tx: Tx, *, scope: Scope, review_id: UUID) -> UUID | None:
    """Return the mail to look at after this one."""
    if scope.home_team_id is None:
        return None
    return await queries.find_next(tx, team_id=scope.home_team_id, but_not=review_id)


async def personalise(*, flow_id: UUID, contact_id: UUID, step_id: UUID) -> None:
    """Rewrite a step for somebody and put it into the queue; again it changes nothing.

    Where the model fails, the original waits there with the reason.
    """
    running = await engine.find_running(flow_id, only_active=False)
    if running is None:
        return
    step = next((each for each in running.steps if each.id == step_id), None)
    async with runtime.acting_as(engine.actor_of(running)) as tx:
        row = await contacts.lock_contact(tx, contact_id=contact_id)
        if row is None or row["status"] != "paused" or step is None:
            return
        traveller = Traveller.model_validate(dict(row))
        brand = await designs.find_brand(tx, team_id=running.flow.team_id)
        values = await engine.values_of(tx, running, traveller, sender_name=brand.name)
        happened = await contacts.list_happened(
            tx,
            tenant_id=running.flow.tenant_id,
            email=traveller.email,
            since=traveller.entered_at,
        )
    task = _task(running, traveller, step, values, happened, sender_name=brand.name)
    outcome = await rewrite(
        task,
        user_id=running.owner_id,
        team_id=running.flow.team_id,
        tenant_id=running.flow.tenant_id,
    )
    # A model that fails leaves the words as they are, and says so.
    failed = outcome.model == OFFLINE and outcome.failure is not None
    async with runtime.acting_as(engine.actor_of(running)) as tx:
        await queries.insert_review(
            tx,
            values={
                "tenant_id": running.flow.tenant_id,
                "flow_id": running.flow.id,
                "step_id": step.id,
                "contact_id": traveller.id,
                "run_number": traveller.run_number,
                "recipient_email": traveller.email,
                "recipient_name": values.get("name"),
                "subject": step.subject if failed else outcome.value.subject,
                "body_original": step.body,
                "body_generated": step.body if failed else outcome.value.body,
                "ai_context": task.known.model_dump(mode="json"),
                "model": outcome.model,
                "error_message": outcome.failure,
            },
        )


def _task(
    running: RunningFlow,
    traveller: Traveller,
    step: Step,
    values: dict[str, Any],
    happened: list[str],
    *,
    sender_name: str,
) -> Task:
    known = Known(
        first_name=traveller.first_name or "",
        company=traveller.company or "",
        came_by=_CAME_BY.get(traveller.source or "", ""),
        asked_for=values.get("resource_title") or "",
        on_the_list_since=f"{traveller.entered_at:%-d %B}",
        did_lately=happened,
    )
    return Task(
        instructions=running.flow.ai_system_prompt or "",
        subject=step.subject,
        body=step.body,
        sender_name=sender_name,
        known=known,
    )


async def edit_review(tx: Tx, *, scope: Scope, review_id: UUID, given: ReviewEdit) -> None:
    """Keep a reviewer's words. Raises Conflict once it is decided, InvalidInput for fields."""
    review = await _pending(tx, scope=scope, review_id=review_id)
    designs.check_fields(given.model_dump(), with_resource=True)
    await queries.update_texts(
        tx,
        review_id=review_id,
        subject=given.subject if given.subject != review.subject else None,
        body=given.body if given.body != review.body_generated else None,
    )


async def approve(tx: Tx, *, scope: Scope, review_id: UUID) -> tuple[RunningFlow, FollowUps]:
    """Queue a mail as it stands, and let its reader go on. Raises Conflict once it is decided."""
    review = await _pending(tx, scope=scope, review_id=review_id)
    running, traveller, step = await _find_place(tx, review)
    await queries.decide(
        tx, review_id=review_id, status=ReviewStatus.APPROVED, user_id=scope.user_id
    )
    follow_ups = FollowUps()
    await engine.send_step(
        tx,
        running,
        traveller,
        step,
        follow_ups,
        subject=review.final_subject,
        body=review.final_body,
        review_id=review_id,
    )
    await engine.step_on(tx, running, traveller, follow_ups, has_sent=True)
    return running, follow_ups


async def reject(
    tx: Tx, *, scope: Scope, review_id: UUID, send_original: bool
) -> tuple[RunningFlow, FollowUps]:
    """Send the original instead, or nothing, and let the reader go on. Raises as `approve`."""
    review = await _pending(tx, scope=scope, review_id=review_id)
    running, traveller, step = await _find_place(tx, review)
    await queries.decide(
        tx,
        review_id=review_id,
        status=ReviewStatus.REJECTED,
        user_id=scope.user_id,
        rejected_with="original" if send_original else "skip",
    )
    follow_ups = FollowUps()
    if send_original:
        await engine.send_step(tx, running, traveller, step, follow_ups, body=review.body_original)
    else:
        await contacts.set_passage(
            tx,
            contact_id=traveller.id,
            step_id=step.id,
            run_number=traveller.run_number,
            outcome="rejected",
            message_id=None,
        )
    await engine.step_on(tx, running, traveller, follow_ups, has_sent=send_original)
    return running, follow_ups


async def _pending(tx: Tx, *, scope: Scope, review_id: UUID) -> Review:
    row = await queries.get_review(tx, review_id=review_id, for_update=True)
    review = Review.model_validate(dict(row))
    if review.team_id != scope.home_team_id:
        raise NotFound("There is no such mail in the queue.")
    if review.status is not ReviewStatus.PENDING:
        raise Conflict("This mail was decided already.")
    return review


async def _find_place(tx: Tx, review: Review) -> tuple[RunningFlow, Traveller, Step]:
    if review.flow_id is None or review.contact_id is None:
        raise Conflict("The flow of this mail is gone.")
    running = await engine.find_running(review.flow_id, only_active=False)
    row = await contacts.lock_contact(tx, contact_id=review.contact_id)
    step = (
        next((each for each in running.steps if each.id == review.step_id), None)
        if running
        else None
    )
    if running is None or row is None or step is None:
        raise Conflict("The flow of this mail has changed: its step is gone.")
    if row["status"] != "paused":
        raise Conflict("This person has left the flow.")
    return running, Traveller.model_validate(dict(row)), step
