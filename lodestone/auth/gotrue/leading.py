"""GET /authorize and /callback: to the provider and back."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth import entering, redirects
from lodestone.auth.clients import service as clients
from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import led_with_code, led_with_error, led_with_tokens
from lodestone.auth.gotrue.errors import GoTrueError, told
from lodestone.auth.pages import STATE_COOKIE
from lodestone.auth.providers import service as providers
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.errors import LodestoneError

_PASSED_ON = ("prompt", "login_hint", "hd", "access_type", "include_granted_scopes")


async def authorize(request: Request) -> Response:
    """GET /authorize?provider=google: sends the browser to the provider."""
    query = dict(request.query_params)
    if query.get("provider") != providers.GOOGLE:
        raise GoTrueError("Unsupported provider: provider is not enabled")
    departure = await providers.begin(
        purpose=providers.Purpose.CLIENT,
        redirect_to=redirects.allowed(query.get("redirect_to")),
        challenge=asking.challenge_of(query),
        extra={name: query[name] for name in _PASSED_ON if name in query},
    )
    return RedirectResponse(departure.url, status_code=302)


async def come_back(request: Request) -> Response:
    """GET /callback: takes in whoever the provider sends back."""
    query = request.query_params
    try:
        flow = await providers.take_flow(
            query.get("state", ""), browser_state=request.cookies.get(STATE_COOKIE)
        )
    except providers.BadState as error:
        return led_with_error(redirects.allowed(None), told(request, error))
    try:
        if "code" not in query:
            raise GoTrueError("The provider let nobody in", code="bad_oauth_callback")
        arrival = await providers.finish(flow, code=query["code"])
        return await _received(request, arrival)
    except LodestoneError as error:
        return _refused(request, flow, error)


async def _received(request: Request, arrival: providers.Arrival) -> Response:
    user_agent = request.headers.get("user-agent")
    if arrival.purpose is providers.Purpose.CONSOLE:
        response = await entering.enter(
            request,
            user_id=arrival.user_id,
            method=providers.METHOD,
            target=arrival.redirect_to,
        )
        response.delete_cookie(STATE_COOKIE, path="/", httponly=True, samesite="lax")
        return response
    async with runtime.acting_as(Root()) as tx:
        if arrival.challenge is not None:
            code = await clients.issue_code(
                tx,
                user_id=arrival.user_id,
                method=providers.METHOD,
                challenge=arrival.challenge,
                provider_secrets=providers.seal_tokens(arrival),
            )
            return led_with_code(arrival.redirect_to, code)
        tokens = await clients.open_client(
            tx, user_id=arrival.user_id, method=providers.METHOD, user_agent=user_agent
        )
    tokens = clients.with_provider_tokens(
        tokens, token=arrival.provider_token, refresh_token=arrival.provider_refresh_token
    )
    return led_with_tokens(arrival.redirect_to, tokens)


def _refused(request: Request, flow: providers.Flow, error: LodestoneError) -> Response:
    if flow.purpose is providers.Purpose.CONSOLE:
        sign_in = f"{runtime.current().base_url}/sign-in"
        return led_with_error(sign_in, told(request, error))
    return led_with_error(flow.redirect_to, told(request, error))
