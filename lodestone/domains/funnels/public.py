"""The pages that visitors see, and the two endpoints that these pages post to.

Bare Starlette routes, because they are hot; the opt-in page is kept by address until a row behind
it changes.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import partial, wraps
from urllib.parse import quote, urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from lodestone.domains.funnels import embeds, rendering, service
from lodestone.domains.funnels.experiments import exposures
from lodestone.domains.funnels.experiments.models import Exposure
from lodestone.domains.funnels.forms import screens
from lodestone.domains.funnels.forms.screens import Screen
from lodestone.domains.funnels.leaving import lead_away
from lodestone.domains.funnels.models import CapturedLead, OptIn, PageType, PublicPage, View
from lodestone.domains.funnels.pictures import service as pictures
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import runtime
from lodestone.platform.errors import InvalidInput, LodestoneError, NotFound
from lodestone.platform.forms import parse, read_form, read_json
from lodestone.platform.pagecache import Arms, CachedPage, PageCache, Rendering, read_visitor

MAX_BODY_BYTES = 16 * 1024
OPTIN_ROUTE = "/p/{username}/{slug}"
UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign")
_POLICY = (
    "default-src 'none'; img-src 'self' https: data:; style-src 'unsafe-inline'; "
    "font-src 'self' https:; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
OPTIN_HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": _POLICY,
    "content-type": "text/html; charset=utf-8",
    "x-frame-options": "SAMEORIGIN",
}

Handler = Callable[[Request], Awaitable[Response]]

cache = PageCache()


class _Moved(Exception):
    """The page's author has another public name now."""

    def __init__(self, username: str) -> None:
        super().__init__(username)
        self.username = username


async def show_optin(request: Request) -> Response:
    """Answer the opt-in page, from the cache when nothing behind it has changed."""
    kept = await _load(request)
    shown, own_headers = kept.render_for(request.headers.get("cookie", ""))
    headers = {**OPTIN_HEADERS, **own_headers, "etag": shown.etag}
    if request.headers.get("if-none-match") == shown.etag:
        return Response(status_code=304, headers=headers)
    return Response(shown.body, headers=headers)


async def submit_optin(request: Request) -> Response:
    """Capture a lead from the page's own form; the query string carries the campaign."""
    page = (await _load(request)).subject
    form = {
        key: value
        for key, value in (await read_form(request, most_bytes=MAX_BODY_BYTES)).items()
        if value != ""
    }
    campaign = {key: request.query_params[key] for key in UTM_FIELDS if key in request.query_params}
    profile = {"linkedin_url": request.query_params.get("li")}
    given = {**campaign, **profile, **form, "funnel_page_id": page.id}
    try:
        captured = await _capture(request, page, parse(OptIn, given))
    except (InvalidInput, LodestoneError) as refusal:
        if refusal.status not in {422, 429}:
            raise
        return _refused(request, page, form, refusal)
    away = _away_url(page, captured, str(given.get("email", "")))
    if away is not None:
        return lead_away(page, away)
    return RedirectResponse(f"{page.path}/thankyou?lead={captured.token}", status_code=303)


async def show_thankyou(request: Request) -> Response:
    """Thank a lead, with the way to the content for whoever holds a lead's link."""
    page: PublicPage = (await _load(request)).subject
    token = request.query_params.get("lead", "")
    lead_id = service.read_lead_token(token)
    if lead_id is None:
        return _answer(page, rendering.render_thankyou(page, content_url=None))
    survey = await screens.find_screen(
        page, lead_id=lead_id, token=token, query=request.query_params
    )
    page = await _show_arm_to_lead(request, page, lead_id, survey)
    url = f"{page.path}/content?lead={quote(token, safe='')}" if _gives_something(page) else None
    body = rendering.render_thankyou(
        page,
        content_url=url,
        survey=survey,
        is_booking_open=survey is not None and survey.is_booking_open,
        is_video_open=survey is None or survey.question is None,
        name=survey.lead.name if survey else None,
        email=survey.lead.email if survey else None,
    )
    return _answer(page, body)


async def show_content(request: Request) -> Response:
    """Show the resource to its leads; everybody else is led to the opt-in page."""
    page: PublicPage = (await _load(request)).subject
    token = request.query_params.get("lead", "")
    if not await service.is_lead_of(page, token=token):
        return RedirectResponse(page.path, status_code=303)
    if page.external_url is not None:
        return RedirectResponse(page.external_url, status_code=303)
    if page.external_resource_id is not None:
        return RedirectResponse(f"/r/{page.external_resource_id}", status_code=303)
    if page.library_id is not None:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{page.path}/library{query}", status_code=303)
    tool = _use_tool(page, request)
    if page.polished_content is None and not tool:
        raise NotFound("There is nothing here yet.")
    call = await _offer_call(page, token)
    return _answer(page, rendering.render_content(page, call=call, tool=tool))


async def show_library(request: Request) -> Response:
    """Show a library to its leads; everybody else is led to the opt-in page."""
    page: PublicPage = (await _load(request)).subject
    if page.library_id is None:
        raise NotFound("There is no page at this address.")
    token = request.query_params.get("lead", "")
    if not await service.is_lead_of(page, token=token):
        return RedirectResponse(page.path, status_code=303)
    library = await service.read_library(page)
    survey_url = await _find_survey(page, token)
    body = rendering.render_library(page, library=library, survey_url=survey_url)
    return _answer(page, body)


async def _find_survey(page: PublicPage, token: str) -> str | None:
    """Return where a lead answers what the page asks, None when all is said."""
    lead_id = service.read_lead_token(token)
    if lead_id is None:
        return None
    survey = await screens.find_screen(page, lead_id=lead_id, token=token, query={})
    if survey is None or survey.question is None:
        return None
    return f"{page.path}/{screens.thankyou_url(token)}"


def _use_tool(page: PublicPage, request: Request) -> str:
    """Return the calculator, assessment or chat that the magnet is, answered as far as asked."""
    tool = lead_magnets.find_tool(page.archetype, page.interactive_config)
    if tool is None or page.lead_magnet_id is None:
        return ""
    query = request.query_params
    token = query.get("lead", "")
    return lead_magnets.render_tool(
        tool,
        given={name: query.getlist(name) for name in query if name != "lead"},
        kept=[("lead", token)] if token else [],
        session=lead_magnets.open_session(
            lead_magnet_id=page.lead_magnet_id,
            funnel_lead_id=service.read_lead_token(token),
            acting_user_id=page.acting_user_id,
        ),
    )


async def _offer_call(page: PublicPage, token: str) -> rendering.Call | None:
    """Return the call that a reader may book, or the survey that comes before it."""
    lead_id = service.read_lead_token(token)
    if not page.calendly_url or lead_id is None:
        return None
    survey = await screens.find_screen(page, lead_id=lead_id, token=token, query={})
    if survey is None:
        return None
    if not survey.is_booking_open:
        is_asked = survey.question is not None
        return rendering.Call(f"{page.path}/{screens.thankyou_url(token)}") if is_asked else None
    booking = embeds.embed_booking(
        page.calendly_url, name=survey.lead.name, email=survey.lead.email
    )
    return rendering.Call(booking.url, is_calendar=True)


async def show_picture(request: Request) -> Response:
    """Answer the picture that a link to the page is shared with."""
    page: PublicPage = (await _load(request)).subject
    sheet = pictures.make_sheet(page)
    if request.path_params["version"] != sheet.version:
        return RedirectResponse(pictures.share_url(page), status_code=302)
    headers = {"cache-control": f"public, max-age={pictures.KEPT_SECONDS}, immutable"}
    return Response(await pictures.draw_shared(sheet), media_type="image/png", headers=headers)


async def post_lead(request: Request) -> Response:
    """`POST /api/public/lead`: capture a lead for pages that are not ours."""
    given = parse(OptIn, await read_json(request, most_bytes=MAX_BODY_BYTES))
    page = await _published(given.funnel_page_id)
    captured = await _capture(request, page, given)
    body = {"leadId": str(captured.lead_id), "token": captured.token}
    return JSONResponse(body, status_code=201)


async def post_view(request: Request) -> Response:
    """`POST /api/public/view`: count a view, once per visitor and day."""
    view = parse(View, await read_json(request, most_bytes=MAX_BODY_BYTES))
    page = await _published(view.funnel_page_id)
    await service.count_view(
        page,
        page_type=view.page_type,
        address=_address(request),
        user_agent=request.headers.get("user-agent"),
        exposure=_exposure(request, page) if view.page_type is PageType.OPTIN else None,
        came_by=view.came_by,
    )
    return Response(status_code=204)


def preview(
    page: PublicPage,
    *,
    page_type: PageType = PageType.OPTIN,
    survey: Screen | None = None,
    library: lead_magnets.ShownLibrary | None = None,
) -> Response:
    """Show a page to its makers as visitors will see it, without counting or capturing."""
    if page_type is PageType.THANKYOU:
        url = f"{page.path}/content" if _gives_something(page) else None
        body = rendering.render_thankyou(
            page, content_url=url, survey=survey, is_booking_open=True, is_live=False
        )
    elif page_type is PageType.CONTENT and library is not None:
        body = rendering.render_library(page, library=library, is_live=False)
    elif page_type is PageType.CONTENT and page.polished_content is not None:
        call = rendering.Call(page.calendly_url, is_calendar=True) if page.calendly_url else None
        body = rendering.render_content(page, call=call, is_live=False)
    else:
        body = rendering.render_optin(page, is_live=False)
    return _answer(page, body)


def _away_url(page: PublicPage, captured: CapturedLead, email: str) -> str | None:
    """Return where the creator sends a new lead at once, None for the thank-you page."""
    if page.redirect_trigger != "immediate" or not page.redirect_url:
        return None
    told = urlencode({"leadId": str(captured.lead_id), "email": email})
    return f"{page.redirect_url}{'&' if '?' in page.redirect_url else '?'}{told}"


def _gives_something(page: PublicPage) -> bool:
    has_tool = lead_magnets.find_tool(page.archetype, page.interactive_config) is not None
    is_elsewhere = page.external_url or page.external_resource_id or page.library_id
    return has_tool or page.polished_content is not None or bool(is_elsewhere)


async def _load(request: Request) -> CachedPage:
    username, slug = request.path_params["username"], request.path_params["slug"]
    key = f"{username}/{slug}"
    kept = cache.get(key)
    if kept is not None:
        return kept
    changes = cache.changes
    page = await service.find_public_page(username=username, slug=slug)
    if page is None:
        moved = await service.find_moved_page(username=username, slug=slug)
        if moved is None:
            raise NotFound("There is no page at this address.")
        raise _Moved(moved.username)
    return _keep(page, changes=changes)


def _following(show: Handler) -> Handler:
    """Lead from addresses under an earlier public name of the author to those of today."""

    @wraps(show)
    async def show_or_lead_on(request: Request) -> Response:
        try:
            return await show(request)
        except _Moved as moved:
            rest = quote(request.scope["path"].split("/", 3)[3])
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(
                f"/p/{quote(moved.username)}/{rest}{query}",
                # A form that was open is sent once more, whole.
                status_code=301 if request.method == "GET" else 308,
                headers={"cache-control": "public, max-age=3600"},
            )

    return show_or_lead_on


def _keep(page: PublicPage, *, changes: int) -> CachedPage:
    body, etag = _render_optin(page)
    rows = frozenset(
        row for row in (page.id, page.user_id, page.team_id, page.lead_magnet_id) if row
    )
    rendered = CachedPage(page.id, body, etag, rows, subject=page, arms=_render_arms(page))
    where = f"@{page.host}" if page.host else page.username
    cache.put(f"{where}/{page.slug}", rendered, changes=changes)
    return rendered


def _render_optin(page: PublicPage) -> tuple[bytes, str]:
    body = rendering.render_optin(page).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def _render_arms(page: PublicPage) -> Arms | None:
    """Render each arm of a test of the opt-in page once, for all who see it."""
    experiment = page.experiment
    if experiment is None or not experiment.test_field.is_on_optin:
        return None
    return Arms(
        renderings=tuple(
            Rendering(*_render_optin(page.with_arm(number)))
            for number in range(len(experiment.arms))
        ),
        choose=partial(exposures.choose, experiment),
        is_https=runtime.current().base_url.startswith("https:"),
    )


async def _published(page_id: UUID) -> PublicPage:
    kept = cache.find(page_id)
    if kept is not None:
        found: PublicPage = kept.subject
        return found
    changes = cache.changes
    page = await service.find_public_page_by_id(funnel_page_id=page_id)
    if page is None:
        raise NotFound("This page is not published.")
    if cache.is_listening:
        _keep(page, changes=changes)
    return page


async def _capture(request: Request, page: PublicPage, given: OptIn) -> CapturedLead:
    return await service.capture_lead(
        page,
        given=given,
        address=_address(request),
        user_agent=request.headers.get("user-agent"),
        exposure=_exposure(request, page),
    )


def _exposure(request: Request, page: PublicPage) -> Exposure | None:
    """Return the arm of the opt-in page that this browser was shown, if it is under test."""
    visitor = read_visitor(request.headers.get("cookie", ""))
    if visitor is None or page.experiment is None or not page.experiment.test_field.is_on_optin:
        return None
    return exposures.expose(page.experiment, visitor)


async def _show_arm_to_lead(
    request: Request, page: PublicPage, lead_id: UUID, survey: Screen | None
) -> PublicPage:
    """Return the thank-you page as this lead always sees it while it is under test.

    Who has not come to what is tested, such as the video behind the questions, does not count yet.
    """
    if page.experiment is None or page.experiment.test_field.is_on_optin:
        return page
    if survey is not None and not survey.shows(page.experiment.test_field):
        return page
    await service.count_view(
        page,
        page_type=PageType.THANKYOU,
        address=_address(request),
        user_agent=request.headers.get("user-agent"),
        exposure=exposures.expose(page.experiment, str(lead_id)),
        lead_id=lead_id,
    )
    return page.with_arm(exposures.choose(page.experiment, str(lead_id)))


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _refused(
    request: Request, page: PublicPage, form: Mapping[str, str], refusal: LodestoneError
) -> Response:
    visitor = read_visitor(request.headers.get("cookie", ""))
    if page.experiment is not None and page.experiment.test_field.is_on_optin and visitor:
        page = page.with_arm(exposures.choose(page.experiment, visitor))
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {"": refusal.message}
    given = rendering.Given(name=form.get("name", "")[:100], email=form.get("email", "")[:255])
    body = rendering.render_optin(page, errors=fields, given=given)
    return _answer(page, body, status=refusal.status)


def _answer(page: PublicPage, body: str, *, status: int = 200) -> Response:
    policy = f"{_POLICY}; frame-src {rendering.frame_sources(page)}"
    headers = {
        **OPTIN_HEADERS,
        "cache-control": "private, no-store",
        "content-security-policy": policy,
    }
    return HTMLResponse(body, status_code=status, headers=headers)


routes: list[BaseRoute] = [
    Route(OPTIN_ROUTE, _following(show_optin), methods=["GET"]),
    Route(OPTIN_ROUTE, _following(submit_optin), methods=["POST"]),
    Route("/p/{username}/{slug}/thankyou", _following(show_thankyou), methods=["GET"]),
    Route("/p/{username}/{slug}/content", _following(show_content), methods=["GET"]),
    Route("/p/{username}/{slug}/library", _following(show_library), methods=["GET"]),
    Route("/p/{username}/{slug}/picture/{version}.png", _following(show_picture), methods=["GET"]),
    Route("/api/public/lead", post_lead, methods=["POST"]),
    Route("/api/public/view", post_view, methods=["POST"]),
]
