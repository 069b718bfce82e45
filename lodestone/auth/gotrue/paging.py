"""Pages of the administrator's lists: asked for by number and size, told of in headers."""

from dataclasses import dataclass

from starlette.requests import Request

from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.platform import runtime

MOST_PER_PAGE = 1_000
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, counted from 1."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        """Return how many rows come before it."""
        return (self.number - 1) * self.size

    def headers(self, path: str, total: int) -> dict[str, str]:
        """Return how many rows there are, and where the next and the last page is."""
        last = max(1, -(-total // self.size))
        base = f"{runtime.current().base_url}/auth/v1{path}?per_page={self.size}&page="
        links = [f'<{base}{last}>; rel="last"']
        if self.number < last:
            links.insert(0, f'<{base}{self.number + 1}>; rel="next"')
        return {"x-total-count": str(total), "link": ", ".join(links)}


def read_page(request: Request) -> Page:
    """Return which page is asked for. Raises GoTrueError."""
    query = request.query_params
    return Page(
        _number(query.get("page"), "page", default=1, most=1_000_000),
        _number(query.get("per_page"), "per_page", default=PER_PAGE, most=MOST_PER_PAGE),
    )


def _number(text: str | None, name: str, *, default: int, most: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise GoTrueError(f"Bad Pagination Parameters: {name} has to be from 1 to {most}")
    return int(text)
