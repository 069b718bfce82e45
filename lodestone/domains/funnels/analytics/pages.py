"""The screen of analytics."""

from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth.dependencies import ReadTx
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.analytics import rules, service
from lodestone.domains.funnels.analytics.models import Counts, Grouping, Span
from lodestone.domains.identity import service as identity
from lodestone.platform.pages import Entry, add_entry, render

PATH = "/app/analytics"

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Analytics",
        PATH,
        "chart",
        "Capture",
        order=28,
        keywords="statistics conversion utm sources views traffic report",
    )
)

SPANS = [(Span.WEEK, "7 days"), (Span.MONTH, "30 days"), (Span.QUARTER, "90 days")]
GROUPINGS = [
    (Grouping.SOURCE, "Source"),
    (Grouping.MEDIUM, "Medium"),
    (Grouping.CAMPAIGN, "Campaign"),
]
BARS = 8

Choice = TypeVar("Choice", Span, Grouping)


@router.get(PATH)
async def show_report(request: Request, scope: identity.CurrentScope, tx: ReadTx) -> Response:
    params = request.query_params
    span = _one_of(Span, params.get("range"), Span.MONTH)
    grouping = _one_of(Grouping, params.get("by"), Grouping.SOURCE)
    pages, _ = await funnels.list_funnels(tx, scope=scope, sort="leads", limit=100)
    chosen = next((page.id for page in pages if str(page.id) == params.get("funnel")), None)
    source = params.get("source", "").strip()[:100] or None
    report = await service.report(
        tx,
        scope=scope,
        span=span,
        funnel_page_id=chosen,
        source="" if source == rules.DIRECT else source,
        grouping=grouping,
    )
    kept = {"range": span.value, "funnel": chosen, "source": source, "by": grouping.value}
    context = {
        "report": report,
        "span": span,
        "source": source,
        "chosen": str(chosen) if chosen else "",
        "pages": [(str(page.id), page.optin_headline[:80]) for page in pages],
        "spans": [(label, _url(kept, range=each.value), each is span) for each, label in SPANS],
        "groupings": [
            (label, _url(kept, by=each.value), each is grouping) for each, label in GROUPINGS
        ],
        "by": grouping,
        "without_source": _url(kept, source=None),
        "source_urls": {
            each.name: _url(kept, source=each.name)
            for each in report.sources
            if grouping is Grouping.SOURCE
        },
        "changes": _changes(report.total, report.before),
        "bars": report.sources[:BARS],
    }
    return render(request, "funnels/analytics.html", context)


def _changes(now: Counts, before: Counts) -> dict[str, float | None]:
    """Return how each number changed against the span before, as a share; None from nothing."""
    found: dict[str, float | None] = {}
    for name in ("views", "leads", "answered", "qualified", "booked"):
        earlier = getattr(before, name)
        found[name] = (getattr(now, name) - earlier) / earlier if earlier else None
    return found


def _one_of(kind: type[Choice], text: str | None, otherwise: Choice) -> Choice:
    return kind(text) if text in set(kind) else otherwise


def _url(kept: dict[str, str | UUID | None], **changes: str | None) -> str:
    query = {key: value for key, value in {**kept, **changes}.items() if value is not None}
    return f"{PATH}?{urlencode(query)}"
