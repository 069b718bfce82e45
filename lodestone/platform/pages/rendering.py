"""Templates: Jinja with autoescape, where a name that was not passed is an error, not a blank.

`layout.html` and `ui.html` come from the console; `funnels/optin.html` is
`lodestone/domains/funnels/templates/optin.html`; `auth/sign_in.html` comes from
`lodestone/auth/templates/`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from lodestone.platform.pages import flash, navigation
from lodestone.platform.pages.icons import icon
from lodestone.platform.pages.static import static_url

_PACKAGE = Path(__file__).parents[2]
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]+(/[a-z0-9_.]+)*\.[a-z]+")


class _PackageLoader(BaseLoader):
    """Finds a template in the console, or in the package that its first folder names."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Any]:
        if _TEMPLATE_NAME.fullmatch(template):
            for path in _candidates(template):
                if path.is_file():
                    modified = path.stat().st_mtime_ns
                    return path.read_text(), str(path), partial(_unchanged, path, modified)
        raise TemplateNotFound(template)


def _candidates(template: str) -> list[Path]:
    owner, _, rest = template.partition("/")
    console = _PACKAGE / "console" / "templates" / template
    if not rest:
        return [console]
    owned = (_PACKAGE / owner, _PACKAGE / "domains" / owner)
    return [console, *(folder / "templates" / rest for folder in owned)]


def _unchanged(path: Path, modified: int) -> bool:
    return path.is_file() and path.stat().st_mtime_ns == modified


@cache
def environment() -> Environment:
    """Return the one Jinja environment of this process."""
    jinja = Environment(
        loader=_PackageLoader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=400,
    )
    jinja.globals.update(
        icon=icon,
        static_url=static_url,
        navigation_sections=navigation.sections,
        navigation_actions=navigation.actions,
        active_path=navigation.active_path,
        now=lambda: datetime.now(UTC),
    )
    jinja.filters.update(
        number=format_number,
        percent=format_percent,
        day=format_day,
        url_part=_url_part,
        initials=initials,
        compact=format_compact,
        field_name=_field_name,
    )
    return jinja


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Answer with a page of the console.

    Every template also gets `request`, `nonce` (for inline script and style), `viewer` (who is
    signed in, or None), `workspaces` (where they may work and do, or None) and `toast`.
    """
    toast = flash.take(request)
    body = (
        environment()
        .get_template(template)
        .render(
            {
                "request": request,
                "nonce": getattr(request.state, "nonce", ""),
                "viewer": getattr(request.state, "viewer", None),
                "workspaces": getattr(request.state, "workspaces", None),
                "toast": toast,
                **(context or {}),
            }
        )
    )
    response = HTMLResponse(
        body, status_code=status, headers={"cache-control": "private, no-store", **(headers or {})}
    )
    if flash.COOKIE in request.cookies:
        flash.clear(response)
    return response


def render_text(template: str, context: Mapping[str, Any]) -> str:
    """Return a rendered template on its own: a mail, a public page."""
    return environment().get_template(template).render(context)


def format_number(value: float | None) -> str:
    """Write a number with thousands set apart: 12345 as 12,345."""
    return "–" if value is None else f"{value:,}"


def format_compact(value: float | None) -> str:
    """Write a number in at most four characters and a letter: 12345 as 12.3k."""
    if value is None:
        return "–"
    for limit, letter in ((1_000_000, "M"), (10_000, "k")):
        if abs(value) >= limit:
            divisor = 1_000_000 if letter == "M" else 1_000
            return f"{value / divisor:.1f}".removesuffix(".0") + letter
    return f"{value:,}"


def format_percent(share: float | None) -> str:
    """Write a share between 0 and 1 as a percentage with one decimal: 0.1234 as 12.3%."""
    return "–" if share is None else f"{share * 100:.1f}".removesuffix(".0") + "%"


def format_day(moment: datetime | None) -> str:
    """Write a day as people do: 3 Feb 2026."""
    return "–" if moment is None else f"{moment.day} {moment:%b %Y}"


def initials(name: str) -> str:
    """Return one or two letters for an avatar, from a name or an address."""
    words = re.findall(r"[^\W_]+", name.partition("@")[0])
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:2] for word in words]
    return "".join(letters).upper() or "?"


def _url_part(value: object) -> str:
    return quote(str(value), safe="")


def _field_name(value: str) -> Markup:
    return Markup(re.sub(r"[^a-zA-Z0-9]+", "-", value))  # noqa: S704 (letters, digits, dashes)
