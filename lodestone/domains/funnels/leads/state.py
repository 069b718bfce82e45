"""The list as an address describes it: search, filters, order, columns and place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from starlette.requests import Request

from lodestone.domains.funnels.leads import rules
from lodestone.domains.funnels.leads.models import Cursor, Narrowing, Qualified, Shown, Sort
from lodestone.platform.pages import Column, Filter, Listing

PER_PAGE = 50
MOST_PER_PAGE = 100
PATH = "/app/opt-ins"

COLUMNS = {
    "email": Column("email", "Person", sortable=True),
    "funnel": Column("funnel", "Asked for", hide="md"),
    "qualified": Column("qualified", "Qualified", hide="sm"),
    "source": Column("source", "Source", hide="lg"),
    "medium": Column("medium", "Medium", hide="lg"),
    "campaign": Column("campaign", "Campaign", hide="lg"),
    "answered_at": Column("answered_at", "Answered", hide="md"),
    "booked_at": Column("booked_at", "Booked", hide="md"),
    "revenue": Column("revenue", "Revenue", align="end", hide="md"),
    "created_at": Column("created_at", "Opted in", sortable=True, hide="sm"),
}
USUAL = ("email", "funnel", "qualified", "source", "created_at")
DIRECT = "direct"

QUALIFIED = [
    (Qualified.YES.value, "Qualified"),
    (Qualified.NO.value, "Not qualified"),
    (Qualified.UNASKED.value, "Not answered"),
]
SHOWN = [
    (Shown.BOOKED.value, "Booked a call"),
    (Shown.PAID.value, "Paid"),
    (Shown.PARTIAL.value, "Stopped half way"),
    (Shown.ARCHIVED.value, "Archived"),
]


@dataclass(frozen=True, slots=True)
class ListState:
    """What is shown of the list, and how its addresses are written."""

    listing: Listing
    narrowing: Narrowing
    sort: Sort
    cursor: Cursor | None
    columns: tuple[str, ...]

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or filter hides leads."""
        return bool(self.listing.q or set(self.listing.values) - {"cols"})

    @property
    def query(self) -> str:
        """Return what follows the path, without the place."""
        return self.listing.url().removeprefix(self.listing.path)


def read_state(
    request: Request,
    *,
    funnels: Sequence[tuple[str, str]],
    magnets: Sequence[tuple[str, str]],
    sources: Sequence[str],
) -> ListState:
    """Read the address. What it asks and was not offered is left out, never an error."""
    params = request.query_params
    columns = _columns(params.getlist("col") or params.get("cols", "").split(","))
    filters = [
        Filter("funnel", "Funnel", list(funnels)),
        Filter("magnet", "Lead magnet", list(magnets)),
        Filter("qualified", "Qualified", QUALIFIED),
        Filter("source", "Source", [(DIRECT, "Direct"), *((each, each) for each in sources)]),
        Filter("shown", "Show", SHOWN),
    ]
    listing = Listing.read(
        request,
        columns=[COLUMNS[key] for key in columns],
        filters=[each for each in filters if each.options],
        sort="-created_at",
        per_page=_per_page(params.get("per_page")),
    )
    since, until = _day(params.get("from")), _day(params.get("to"))
    extra = {
        **({"from": since.isoformat()} if since else {}),
        **({"to": until.isoformat()} if until else {}),
        **({"cols": ",".join(columns)} if columns != USUAL else {}),
    }
    listing = replace(listing, values={**listing.values, **extra})
    source = listing.value("source")
    funnel, magnet = listing.value("funnel"), listing.value("magnet")
    qualified, shown = listing.value("qualified"), listing.value("shown")
    narrowing = Narrowing(
        search=listing.q or None,
        funnel_page_id=UUID(funnel) if funnel else None,
        lead_magnet_id=UUID(magnet) if magnet else None,
        qualified=Qualified(qualified) if qualified else None,
        source="" if source == DIRECT else source,
        since=since,
        until=until,
        shown=Shown(shown) if shown else Shown.CURRENT,
    )
    before = rules.read_cursor(params.get("before"), is_before=True)
    sort = Sort.CREATED if listing.sort_key == "created_at" else Sort.NAME
    cursor = before or rules.read_cursor(params.get("after"))
    return ListState(listing, narrowing, sort, _fitting(cursor, sort), columns)


def _fitting(cursor: Cursor | None, sort: Sort) -> Cursor | None:
    """Return the cursor unless it belongs to another order."""
    if cursor is not None and sort is Sort.CREATED:
        try:
            _ = date.fromisoformat(cursor.value[:10])
        except ValueError:
            return None
    return cursor


def _columns(asked: Sequence[str]) -> tuple[str, ...]:
    chosen = tuple(key for key in COLUMNS if key in asked or key == "email")
    return chosen if len(chosen) > 1 else USUAL


def _per_page(text: str | None) -> int:
    if text and text.isascii() and text.isdigit():
        return max(1, min(int(text), MOST_PER_PAGE))
    return PER_PAGE


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
