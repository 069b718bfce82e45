"""The use cases of broadcasts. What goes out is confirmed with the number of people it goes to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from lodestone.domains.email.broadcasts import queries, rendering, rules
from lodestone.domains.email.broadcasts.models import (
    Broadcast,
    BroadcastRow,
    BroadcastStatus,
    BroadcastUpdate,
    Result,
    Tally,
)
from lodestone.domains.email.designs import service as designs
from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.segments import service as segments
from lodestone.domains.email.segments.models import Audience, Group
from lodestone.domains.email.sending import service as sending
from lodestone.domains.email.sending.models import Account
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound
from lodestone.platform.mailmerge import fill_text

_FIRST_BODY = "Hi {{first_name|there}},\n\n"
_TOLERANCE = 0.05
_SMALL = 10


async def list_broadcasts(
    tx: Tx, *, scope: Scope, search: str | None, status: str | None, limit: int, offset: int
) -> tuple[list[BroadcastRow], int]:
    """Return a page of a workspace's broadcasts, and how many there are."""
    if scope.home_team_id is None:
        return [], 0
    rows = await queries.list_broadcasts(
        tx,
        team_id=scope.home_team_id,
        search=search,
        status=status,
        limit=limit,
        offset=offset,
    )
    total = await queries.count_broadcasts(
        tx, team_id=scope.home_team_id, search=search, status=status
    )
    return [BroadcastRow.model_validate(dict(row)) for row in rows], total


async def get_broadcast(tx: Tx, *, scope: Scope, broadcast_id: UUID) -> Broadcast:
    """Return a broadcast of the workspace. Raises NotFound."""
    found = await read_broadcast(tx, broadcast_id=broadcast_id)
    if found.team_id != scope.home_team_id:
        raise NotFound("There is no such broadcast.")
    return found


async def read_broadcast(tx: Tx, *, broadcast_id: UUID) -> Broadcast:
    """Return a broadcast that the actor may see. Raises NotFound."""
    row = await queries.get_broadcast(tx, broadcast_id=broadcast_id)
    return Broadcast.model_validate(dict(row))


async def create_draft(
    tx: Tx, *, scope: Scope, tenant_id: UUID, subject: str = "", body: str = _FIRST_BODY
) -> UUID:
    """Make a draft in the workspace and return its id. Raises NotFound without a list."""
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    return await queries.insert_broadcast(
        tx,
        tenant_id=tenant_id,
        team_id=scope.home_team_id,
        user_id=scope.user_id,
        subject=subject[:500],
        body=body,
    )


async def save_draft(tx: Tx, *, scope: Scope, broadcast_id: UUID, given: BroadcastUpdate) -> None:
    """Keep what the editor sent. Raises Conflict once it is no draft, InvalidInput, NotFound."""
    await get_broadcast(tx, scope=scope, broadcast_id=broadcast_id)
    filter_ = given.filter
    if given.segment_id is not None:
        chosen = await segments.get_segment(tx, scope=scope, segment_id=given.segment_id)
        filter_ = chosen.filter
    if filter_ is not None:
        segments.read_filter(filter_)
    if given.design_id is not None:
        await designs.get_design(tx, team_id=scope.home_team_id, design_id=given.design_id)
    values = {**given.model_dump(), "filter": filter_}
    if not await queries.update_draft(tx, broadcast_id=broadcast_id, values=values):
        raise Conflict("Only a draft can be changed.")


async def delete_draft(tx: Tx, *, scope: Scope, broadcast_id: UUID) -> None:
    """Delete a draft. Raises Conflict once it is none, NotFound."""
    await get_broadcast(tx, scope=scope, broadcast_id=broadcast_id)
    if not await queries.delete_draft(tx, broadcast_id=broadcast_id):
        raise Conflict("Only a draft can be deleted.")


def audience_of(broadcast: Broadcast) -> Group:
    """Return whom a broadcast is for: its filter, or what an earlier version kept instead."""
    if broadcast.segment_filter is not None:
        return segments.read_filter(broadcast.segment_filter)
    return segments.read_filter(segments.from_audience(broadcast.audience_filter))


async def count_audience(tx: Tx, *, broadcast: Broadcast) -> Audience:
    """Return how many people a broadcast would go to now, before the holdout."""
    return await segments.count_audience(
        tx, team_id=broadcast.team_id, group=audience_of(broadcast)
    )


async def check_ready(tx: Tx, *, broadcast: Broadcast, expected: int | None) -> int:
    """Return to how many people a broadcast goes.

    Raises InvalidInput with what is missing; Conflict when sending stands still, or when the number
    that was confirmed is not the number any more.
    """
    problems = rules.problems_of(broadcast)
    if problems:
        raise InvalidInput("This broadcast can't go out yet.", fields=problems)
    found = await count_audience(tx, broadcast=broadcast)
    if not found.count:
        raise InvalidInput(
            "This broadcast can't go out yet.", fields={"filter": "Nobody would get it."}
        )
    drift = abs(found.count - (found.count if expected is None else expected))
    if drift > max(_SMALL, found.count * _TOLERANCE):
        raise Conflict(f"It would go to {found.count:,} people by now. Look again and confirm.")
    account = await sending.find_account(team_id=broadcast.team_id, tenant_id=broadcast.tenant_id)
    if account.paused_reason is not None:
        raise Conflict(f"Sending stands still: {account.paused_reason}")
    if not account.is_on:
        raise Conflict("Sending is switched off in the settings of mail.")
    return found.count


async def start(tx: Tx, *, broadcast_id: UUID, recipient_count: int | None) -> None:
    """Take a draft, or one whose moment has come, to `sending`; the caller enqueues its job.

    Raises Conflict when it is neither: it is on its way, or was.
    """
    if not await queries.begin_sending(
        tx,
        broadcast_id=broadcast_id,
        statuses=[BroadcastStatus.DRAFT, BroadcastStatus.SCHEDULED],
        recipient_count=recipient_count,
    ):
        raise Conflict("This broadcast is on its way, or was sent.")


async def start_scheduled(tx: Tx, *, broadcast_id: UUID) -> bool:
    """Take a broadcast whose moment has come to `sending`; False when it is not its moment."""
    found = await read_broadcast(tx, broadcast_id=broadcast_id)
    moment = found.scheduled_at
    if found.status is not BroadcastStatus.SCHEDULED or moment is None:
        return False
    if moment > datetime.now(UTC):
        return False
    return await queries.begin_sending(
        tx, broadcast_id=broadcast_id, statuses=[BroadcastStatus.SCHEDULED], recipient_count=None
    )


async def schedule(
    tx: Tx, *, broadcast_id: UUID, moment: datetime | None, recipient_count: int
) -> datetime:
    """Have a draft wait for its moment. Raises InvalidInput, Conflict."""
    refusal = rules.when_refusal(moment)
    if refusal is not None or moment is None:
        raise InvalidInput("Choose another moment.", fields={"scheduled_at": refusal or ""})
    if not await queries.schedule(
        tx, broadcast_id=broadcast_id, moment=moment, recipient_count=recipient_count
    ):
        raise Conflict("This broadcast is on its way, or was sent.")
    return moment


async def move(tx: Tx, *, broadcast_id: UUID, step: str) -> None:
    """Take back a scheduled broadcast, pause, resume or cancel one on its way.

    Raises Conflict when it is not in a state for that.
    """
    statuses, goal, refusal = _STEPS[step]
    if not await queries.set_status(tx, broadcast_id=broadcast_id, statuses=statuses, status=goal):
        raise Conflict(refusal)
    if step == "cancel":
        await queries.cancel_waiting(tx, broadcast_id=broadcast_id)


_STEPS: dict[str, tuple[list[str], str, str]] = {
    "unschedule": (["scheduled"], "draft", "This broadcast does not wait for a moment."),
    "pause": (["sending"], "paused", "This broadcast is not on its way."),
    "resume": (["paused"], "sending", "This broadcast is not paused."),
    "cancel": (["sending", "paused"], "cancelled", "This broadcast is not on its way."),
}


async def retry_failed(tx: Tx, *, broadcast_id: UUID) -> int:
    """Queue again what failed, and nothing else; the caller enqueues the job.

    Raises Conflict when nothing failed, or the broadcast is a draft or cancelled.
    """
    if not await queries.begin_sending(
        tx, broadcast_id=broadcast_id, statuses=["sent", "failed", "sending"], recipient_count=None
    ):
        raise Conflict("This broadcast was not sent.")
    count = await queries.requeue_failed(tx, broadcast_id=broadcast_id)
    if not count:
        raise Conflict("Nothing failed that could be tried again.")
    return count


async def reopen(tx: Tx, *, broadcast_id: UUID) -> bool:
    """Take a broadcast that was over back to `sending`, for a message that is queued again."""
    return await queries.begin_sending(
        tx, broadcast_id=broadcast_id, statuses=["sent", "failed"], recipient_count=None
    )


async def get_tally(tx: Tx, *, broadcast_id: UUID) -> Tally:
    """Return how many messages are where."""
    return Tally.model_validate(dict(await queries.get_tally(tx, broadcast_id=broadcast_id)))


async def list_results(tx: Tx, *, broadcast_id: UUID) -> list[Result]:
    """Return what became of each wording."""
    rows = await queries.list_results(tx, broadcast_id=broadcast_id)
    return [Result.model_validate(dict(row)) for row in rows]


async def list_failures(tx: Tx, *, broadcast_id: UUID) -> list[dict[str, Any]]:
    """Return the newest messages that did not reach anybody."""
    rows = await queries.list_failures(tx, broadcast_id=broadcast_id, limit=50)
    return [dict(row) for row in rows]


async def render_preview(
    tx: Tx, *, broadcast: Broadcast, account: Account, variant: str
) -> tuple[str, str]:
    """Return subject and HTML as somebody on the list would get them."""
    dress = await designs.find_dress(tx, team_id=broadcast.team_id, design_id=broadcast.design_id)
    form = rendering.form_of(broadcast, account, variant=variant, dress=dress, is_watched=False)
    row = await queries.find_sample(tx, team_id=broadcast.team_id)
    sample: dict[str, str | None] = {"email": "you@example.com"} if row is None else dict(row)
    values = {
        **rendering.person(sample, email=str(sample["email"])),
        "unsubscribe_url": "#",
        "preferences_url": "#",
    }
    return fill_text(form.subject, values), fill_text(form.html, values, as_html=True)


async def test_message(
    tx: Tx, broadcast: Broadcast, account: Account, *, to: str, name: str | None, variant: str
) -> NewMessage:
    """Return a wording of a broadcast as a mail to whoever writes it."""
    dress = await designs.find_dress(tx, team_id=broadcast.team_id, design_id=broadcast.design_id)
    form = rendering.form_of(broadcast, account, variant=variant, dress=dress, is_watched=False)
    first, _, last = (name or "").partition(" ")
    values = {
        **rendering.person({"first_name": first, "last_name": last}, email=to),
        "unsubscribe_url": "#",
        "preferences_url": "#",
    }
    return NewMessage(
        dedupe_key=f"test:{broadcast.id}:{uuid4()}",
        kind=MessageKind.TEST,
        recipient=to,
        recipient_name=name,
        from_email=broadcast.from_email,
        from_name=broadcast.from_name,
        reply_to_email=broadcast.reply_to_email,
        subject=f"[Test] {' '.join(fill_text(form.subject, values).split())}"[:500],
        html=fill_text(form.html, values, as_html=True),
        text=fill_text(form.text, values),
        tenant_id=broadcast.tenant_id,
        team_id=broadcast.team_id,
        user_id=broadcast.user_id,
    )


async def expand(tx: Tx, *, broadcast_id: UUID) -> datetime | None:
    """Write everybody a broadcast is for into the outbox, once.

    Returns when the better of two wordings is to be chosen, if it is.
    """
    if not await queries.lock_unexpanded(tx, broadcast_id=broadcast_id):
        return None
    broadcast = await read_broadcast(tx, broadcast_id=broadcast_id)
    condition, values = segments.compile_filter(audience_of(broadcast), first=6)
    winner_at = None
    if broadcast.picks_winner:
        winner_at = datetime.now(UTC) + timedelta(hours=broadcast.winner_after_hours)
    count = await queries.insert_recipients(
        tx,
        broadcast_id=broadcast_id,
        shares=rules.shares(broadcast),
        winner_at=winner_at,
        condition=condition,
        values=values,
    )
    await queries.set_expanded(tx, broadcast_id=broadcast_id, recipient_count=count)
    return winner_at


async def pick_winner(tx: Tx, *, broadcast_id: UUID) -> str | None:
    """Give the better wording to everybody who waits for it; None when that was done."""
    broadcast = await read_broadcast(tx, broadcast_id=broadcast_id)
    if not broadcast.picks_winner:
        return None
    results = await list_results(tx, broadcast_id=broadcast_id)
    winner = rules.better(results, by=broadcast.winner_by)
    if not await queries.set_winner(tx, broadcast_id=broadcast_id, winner=winner):
        return None
    await queries.give_winner(tx, broadcast_id=broadcast_id, winner=winner)
    return winner


async def settle(tx: Tx, *, broadcast_id: UUID) -> Tally:
    """End a broadcast if nothing of it waits any more; return where its messages are."""
    tally = await get_tally(tx, broadcast_id=broadcast_id)
    if tally.is_over:
        await queries.settle(
            tx,
            broadcast_id=broadcast_id,
            status=rules.settled_as(tally),
            recipient_count=tally.sent,
        )
    return tally


async def find_tenant(scope: Scope) -> UUID:
    """Return the tenant of a workspace's list. Raises NotFound."""
    return (await subscribers.acting_for(scope))[2]
