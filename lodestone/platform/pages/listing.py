"""Lists: what a person searched, filtered, sorted and paged, read from the address and checked.

    listing = Listing.read(request, columns=COLUMNS, filters=FILTERS, sort="-created_at")
    rows, total = await queries.list_leads(tx, q=listing.q, sort=listing.sort_key, ...)

The template draws it with `ui.list`. Addresses are the state: they can be shared and kept as views.
"""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

PER_PAGE = 25
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `hide` below "sm", "md" or "lg" keeps narrow screens readable."""

    key: str
    label: str
    sortable: bool = False
    align: str = "start"
    hide: str | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the list; the first option is always "any"."""

    key: str
    label: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Listing:
    """The state of one list. `sort_key` and the filter values are always ones that were offered."""

    path: str
    columns: Sequence[Column]
    filters: Sequence[Filter]
    values: Mapping[str, str]
    q: str
    sort_key: str
    descending: bool
    page: int
    per_page: int
    default_sort: str
    searchable: bool

    @classmethod
    def read(
        cls,
        request: Request,
        *,
        columns: Sequence[Column],
        filters: Sequence[Filter] = (),
        sort: str = "-created_at",
        per_page: int = PER_PAGE,
        searchable: bool = True,
    ) -> Self:
        """Read the address. What it asks and was not offered is left out, never an error."""
        params = request.query_params
        sortable = {column.key for column in columns if column.sortable}
        asked = params.get("sort", sort)
        if asked.removeprefix("-") not in sortable:
            asked = sort
        values = {
            each.key: params[each.key]
            for each in filters
            if params.get(each.key) in {value for value, _ in each.options}
        }
        page = params.get("page", "1")
        return cls(
            path=request.url.path,
            columns=columns,
            filters=filters,
            values=values,
            q=params.get("q", "").strip()[:200] if searchable else "",
            sort_key=asked.removeprefix("-"),
            descending=asked.startswith("-"),
            page=max(1, min(int(page), 100_000)) if page.isascii() and page.isdigit() else 1,
            per_page=per_page,
            default_sort=sort,
            searchable=searchable,
        )

    @property
    def limit(self) -> int:
        return self.per_page

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.per_page

    @property
    def sort(self) -> str:
        return f"-{self.sort_key}" if self.descending else self.sort_key

    @property
    def is_narrowed(self) -> bool:
        """Say whether a search or filter hides rows: an empty list then says so."""
        return bool(self.q or self.values)

    def value(self, key: str) -> str | None:
        """Return the chosen option of a filter, None for any."""
        return self.values.get(key)

    def url(self, **changes: object) -> str:
        """Return this list's address with changes; None removes, any change but page goes to 1."""
        params: dict[str, object] = {**self.values}
        if self.q:
            params["q"] = self.q
        if self.sort != self.default_sort:
            params["sort"] = self.sort
        if self.page > 1 and not changes:
            params["page"] = self.page
        params.update(changes)
        kept = {key: value for key, value in params.items() if value not in (None, "", 1)}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def sort_url(self, key: str) -> str:
        """Return the address that sorts by a column, or turns its order round."""
        turned = f"-{key}" if self.sort == key else key
        return self.url(sort=None if turned == self.default_sort else turned)

    def pages(self, total: int) -> int:
        """Return how many pages the rows fill, at least one."""
        return max(1, -(-total // self.per_page))


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with a CSV file; cells that a spreadsheet would run as a formula are defused."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([[_plain_cell(cell) for cell in row] for row in rows])
    return Response(
        out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{filename}"'},
    )


def csv_stream(
    filename: str, header: Sequence[str], batches: AsyncIterable[Iterable[Sequence[Any]]]
) -> Response:
    """Answer with a CSV file that is written while it is read; cells are defused as above.

    When a batch fails, the answer breaks off, so that a cut file is not taken for a whole one.
    """

    async def lines() -> AsyncIterator[bytes]:
        yield _csv_lines([header])
        async for rows in batches:
            yield _csv_lines([[_plain_cell(cell) for cell in row] for row in rows])

    return StreamingResponse(
        lines(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{filename}"'},
    )


def _csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _plain_cell(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS):
        return "'" + cell
    return cell
