"""The use cases of deliveries."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from lodestone.connectors.outgoing import CredentialsRefused, VendorFailed
from lodestone.domains.funnels.deliveries import queries, rules
from lodestone.domains.funnels.deliveries.models import (
    Candidate,
    Delivery,
    Destination,
    Due,
    Lead,
    LeadEvent,
    Outcome,
    Result,
)
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Service
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, LodestoneError, RateLimited

__all__ = [
    "Delivery",
    "Destination",
    "Due",
    "Lead",
    "LeadEvent",
    "NotConnected",
    "Outcome",
    "Result",
    "Sender",
    "deliver",
    "find_lead",
    "list_log",
    "plan_deliveries",
    "requeue_deliveries",
    "requeue_delivery",
    "send_with",
    "write_test",
]

Sender = Callable[[Due, Lead | None], Awaitable[int]]
Reschedule = Callable[[Tx, datetime], Awaitable[None]]

_senders: dict[Destination, Sender] = {}


class NotConnected(LodestoneError):
    """The service is not connected any more, or not for whoever chose it; nothing is sent."""

    code = "not_connected"
    status = 409


def send_with(sender: Sender, *destinations: Destination) -> None:
    """Declare what sends to destinations.

    A sender returns the status that the service answered, and raises NotConnected,
    CredentialsRefused, VendorFailed or RateLimited. It may be called twice for one delivery.
    """
    for destination in destinations:
        _senders[destination] = sender


async def find_lead(tx: Tx, *, lead_id: UUID) -> Lead | None:
    """Find a lead with all that may be told of it; None when it has been deleted meanwhile."""
    row = await queries.find_lead(tx, lead_id=lead_id)
    return Lead.model_validate(dict(row)) if row is not None else None


async def plan_deliveries(
    tx: Tx, *, lead_id: UUID, event: LeadEvent, acting_user_id: UUID
) -> list[UUID]:
    """Write a delivery for each destination of the lead's page; return those to send.

    The same event of the same lead again writes nothing, nor one of a lead that is gone.
    """
    lead = await find_lead(tx, lead_id=lead_id)
    if lead is None:
        return []
    rows = await queries.list_candidates(
        tx, funnel_page_id=lead.funnel_page_id, acting_user_id=acting_user_id
    )
    candidates = [Candidate.model_validate(dict(row)) for row in rows]
    planned = rules.plan(candidates, lead, event)
    if not planned:
        return []
    return await queries.insert_deliveries(
        tx,
        lead_id=lead_id,
        event=event,
        event_id=rules.event_id(lead_id, event),
        planned=planned,
    )


async def write_test(tx: Tx, *, user_id: UUID, destination: Destination) -> UUID:
    """Write a test of somebody's own connection; return its id."""
    return await queries.insert_test(
        tx, user_id=user_id, destination=destination, event_id=f"test-{uuid4()}"
    )


async def requeue_delivery(tx: Tx, *, delivery_id: UUID) -> None:
    """Make a delivery due again, whatever became of it.

    Raises NotFound when it is invisible, Conflict when it waits already.
    """
    if not await queries.requeue_delivery(tx, delivery_id=delivery_id):
        raise Conflict("This delivery is on its way already.")


async def requeue_deliveries(tx: Tx, *, delivery_ids: Sequence[UUID]) -> list[UUID]:
    """Make deliveries due again; those that are invisible, or wait already, are left out."""
    return await queries.requeue_deliveries(tx, delivery_ids=delivery_ids)


async def deliver(actor: Service, *, delivery_id: UUID, reschedule: Reschedule) -> None:
    """Try a delivery and note how it went; `reschedule` enqueues the next try with the note.

    The attempt is counted before the request, which is made outside any transaction.
    """
    async with runtime.acting_as(actor) as tx:
        row = await queries.take_delivery(tx, delivery_id=delivery_id)
        if row is None:
            return
        due = Due.model_validate(dict(row))
        lead = None
        if due.funnel_lead_id is not None:
            lead = await find_lead(tx, lead_id=due.funnel_lead_id)
    started = time.monotonic()
    outcome = await _attempt(due, lead)
    duration_ms = round((time.monotonic() - started) * 1000)
    again_at = _next_attempt_at(due, outcome)
    async with runtime.acting_as(actor) as tx:
        await queries.update_outcome(
            tx,
            delivery_id=delivery_id,
            status=_status(outcome, again_at),
            is_try=outcome.result is not Result.POSTPONED,
            next_attempt_at=again_at,
            response_status=outcome.response_status,
            response_excerpt=outcome.response_excerpt,
            duration_ms=duration_ms,
            error=outcome.error,
        )
        if again_at is not None:
            await reschedule(tx, again_at)


async def _attempt(due: Due, lead: Lead | None) -> Outcome:
    try:
        status = await _senders[due.destination](due, lead)
    except NotConnected as refusal:
        return Outcome(Result.SKIPPED, error=refusal.message)
    except RateLimited as refusal:
        wait = float(refusal.retry_after_seconds)
        told = f"As much as {due.destination.label} allows has been sent for the moment."
        return Outcome(Result.POSTPONED, error=told, wait_seconds=wait)
    except CredentialsRefused as refusal:
        return Outcome(
            Result.REFUSED,
            response_status=refusal.http_status,
            response_excerpt=refusal.excerpt,
            error=refusal.message,
        )
    except VendorFailed as failure:
        return Outcome(
            Result.REFUSED if failure.is_final else Result.FAILED,
            response_status=failure.http_status,
            response_excerpt=failure.excerpt,
            error=failure.message,
            wait_seconds=failure.wait_seconds,
        )
    except LodestoneError as refusal:
        # A key that no secret opens any more, or an address that is fenced by now.
        return Outcome(Result.REFUSED, error=refusal.message)
    return Outcome(Result.DELIVERED, response_status=status)


def _next_attempt_at(due: Due, outcome: Outcome) -> datetime | None:
    now = datetime.now(UTC)
    if outcome.result is Result.POSTPONED:
        return now + timedelta(seconds=max(outcome.wait_seconds or 0, 1))
    if outcome.result is not Result.FAILED:
        return None
    delay = rules.pause(due.attempts, asked_seconds=outcome.wait_seconds)
    return now + delay if delay is not None else None


def _status(outcome: Outcome, again_at: datetime | None) -> str:
    if again_at is not None:
        return "pending"
    if outcome.result in {Result.DELIVERED, Result.SKIPPED}:
        return str(outcome.result)
    return "failed"


async def list_log(
    tx: Tx,
    *,
    scope: Scope,
    search: str | None = None,
    status: str | None = None,
    destination: str | None = None,
    lead_id: UUID | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[Delivery], int]:
    """Return a page of what a workspace's destinations and webhooks were told, and how much."""
    rows = await queries.list_log(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        status=status,
        destination=destination,
        lead_id=lead_id,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_log(
        tx,
        team_id=scope.home_team_id,
        author_id=scope.author_id,
        search=search,
        status=status,
        destination=destination,
        lead_id=lead_id,
    )
    return [Delivery.model_validate(dict(row)) for row in rows], total
