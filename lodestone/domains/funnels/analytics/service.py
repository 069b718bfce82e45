"""The use cases of analytics."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from lodestone.domains.funnels.analytics import queries, rules
from lodestone.domains.funnels.analytics.models import (
    Counts,
    DayCounts,
    FunnelCounts,
    Grouping,
    Report,
    SourceCounts,
    Span,
)
from lodestone.domains.identity.service import Scope
from lodestone.platform.database import Tx

FUNNELS_SHOWN = 50
_SETTLED_AFTER = timedelta(minutes=10)
_RECOUNTED = timedelta(days=3)


async def report(
    tx: Tx,
    *,
    scope: Scope,
    span: Span,
    funnel_page_id: UUID | None = None,
    source: str | None = None,
    grouping: Grouping = Grouping.SOURCE,
    today: date | None = None,
) -> Report:
    """Return what a workspace's funnels, or one of them, did in the last days.

    With a source, an empty one for who came directly, only those who came by it count.
    """
    until = today or datetime.now(UTC).date()
    since = until - timedelta(days=span.days - 1)
    earlier = since - timedelta(days=span.days)
    team_id, author_id = scope.home_team_id, scope.author_id
    rows = await queries.list_days(
        tx,
        team_id=team_id,
        author_id=author_id,
        funnel_page_id=funnel_page_id,
        since=earlier,
        until=until,
        source=source,
    )
    every = [DayCounts.model_validate(dict(row)) for row in rows]
    days = [day for day in every if day.day >= since]
    sources = await queries.list_sources(
        tx,
        team_id=team_id,
        author_id=author_id,
        funnel_page_id=funnel_page_id,
        since=since,
        until=until,
        source=source,
        grouping=grouping,
        limit=rules.MOST_NAMES,
    )
    funnels = await queries.list_funnels(
        tx,
        team_id=team_id,
        author_id=author_id,
        funnel_page_id=funnel_page_id,
        since=since,
        until=until,
        source=source,
        limit=FUNNELS_SHOWN,
    )
    return Report(
        total=_sum(days),
        before=_sum([day for day in every if day.day < since]),
        days=days,
        sources=[
            SourceCounts.model_validate({**row, "name": row["name"] or rules.DIRECT})
            for row in sources
        ],
        funnels=[FunnelCounts.model_validate(dict(row)) for row in funnels],
    )


def _sum(days: list[DayCounts]) -> Counts:
    return Counts(
        views=sum(day.views for day in days),
        thankyou_views=sum(day.thankyou_views for day in days),
        leads=sum(day.leads for day in days),
        answered=sum(day.answered for day in days),
        qualified=sum(day.qualified for day in days),
        booked=sum(day.booked for day in days),
    )


async def add_up(tx: Tx, *, until: datetime | None = None) -> None:
    """Add up by source up to a while ago; what is newer is counted where it stands."""
    await queries.lock_sums(tx)
    await queries.add_up(tx, until=until or datetime.now(UTC) - _SETTLED_AFTER)


async def recount(tx: Tx) -> None:
    """Count the last days anew: a transaction that took longer than the while may be missing."""
    await queries.lock_sums(tx)
    await queries.recount(tx, since=datetime.now(UTC).date() - _RECOUNTED)
