"""Analytics for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from lodestone.auth.dependencies import ReadTx
from lodestone.domains.funnels.analytics import rules, service
from lodestone.domains.funnels.analytics.models import Grouping, Report, Span
from lodestone.domains.identity import service as identity

router = APIRouter(prefix="/api/funnels", tags=["funnels"])


class ReportQuery(BaseModel):
    """What a report is asked for."""

    span: Annotated[Span, Field(alias="range")] = Span.MONTH
    funnel: UUID | None = None
    source: Annotated[str, Field(max_length=100)] | None = None
    by: Grouping = Grouping.SOURCE


@router.get("/analytics")
async def get_report(
    scope: identity.CurrentScope, tx: ReadTx, asked: Annotated[ReportQuery, Query()]
) -> Report:
    """Views, leads and rates of the last 7, 30 or 90 days, by day, source and funnel.

    `source=direct` counts those who followed no campaign.
    """
    return await service.report(
        tx,
        scope=scope,
        span=asked.span,
        funnel_page_id=asked.funnel,
        source="" if asked.source == rules.DIRECT else asked.source,
        grouping=asked.by,
    )
