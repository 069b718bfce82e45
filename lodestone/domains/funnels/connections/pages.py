"""The screens of connections: services with their keys, and a funnel's tab of where leads go."""

from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from lodestone.auth.dependencies import CurrentUser, UserTx
from lodestone.auth.models import SignedIn
from lodestone.connectors.outgoing import Choice
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.connections import registry, service
from lodestone.domains.funnels.connections.models import (
    ConductorConnect,
    MappingGiven,
    Provider,
)
from lodestone.domains.funnels.deliveries import jobs as deliveries
from lodestone.domains.funnels.deliveries import service as outbox
from lodestone.domains.funnels.deliveries.service import Destination
from lodestone.platform import runtime
from lodestone.platform.actors import Service, Writer
from lodestone.platform.errors import InvalidInput, LodestoneError, NotFound
from lodestone.platform.forms import parse, read_form
from lodestone.platform.pages import Entry, add_entry, redirect, render

PATH = "/app/connections"
STATE_COOKIE = "lodestone_mailchimp"
TAB = "integrations"

router = APIRouter(include_in_schema=False)
add_entry(
    Entry(
        "Connections",
        PATH,
        "link",
        "Settings",
        order=26,
        keywords="integrations kit convertkit mailerlite mailchimp activecampaign gohighlevel crm",
    )
)
funnels.add_tab(
    funnels.Tab(TAB, "Integrations", "/app/funnels/{id}/integrations", 80),
)

CONDUCTOR = service.CONDUCTOR


@router.get(PATH)
async def list_connections(request: Request, user: CurrentUser) -> Response:
    async with runtime.reading_as(user.actor) as tx:
        connected = await service.list_connections(tx, user_id=user.user_id)
    context = {"providers": list(registry.PROVIDERS.values()), "connected": connected}
    return render(request, "funnels/connections/list.html", context)


@router.get(f"{PATH}/mailchimp/begin")
async def begin_mailchimp(user: CurrentUser) -> Response:
    url, kept = service.begin_mailchimp(user_id=user.user_id)
    answer = RedirectResponse(url, status_code=303)
    answer.set_cookie(
        STATE_COOKIE,
        kept,
        max_age=service.OAUTH_MINUTES * 60,
        path=service.OAUTH_PATH,
        httponly=True,
        samesite="lax",
        secure=runtime.current().base_url.startswith("https:"),
    )
    return answer


@router.get(service.OAUTH_PATH)
async def finish_mailchimp(
    request: Request, user: CurrentUser, code: str = "", state: str = ""
) -> Response:
    """Take a person back from Mailchimp."""
    path = f"{PATH}/mailchimp"
    try:
        await service.finish_mailchimp(
            user_id=user.user_id,
            state=state,
            kept=request.cookies.get(STATE_COOKIE, ""),
            code=code,
        )
        answer: Response = redirect(path, toast="Mailchimp is connected")
    except LodestoneError as refusal:
        answer = await _show(request, user, "mailchimp", errors={"": refusal.message})
    answer.delete_cookie(STATE_COOKIE, path=service.OAUTH_PATH)
    return answer


@router.get(f"{PATH}/{{name}}")
async def show_connection(request: Request, user: CurrentUser, name: str) -> Response:
    return await _show(request, user, name)


@router.post(f"{PATH}/{{name}}")
async def connect(request: Request, user: CurrentUser, name: str) -> Response:
    form = await read_form(request)
    try:
        if name == CONDUCTOR:
            await service.connect_conductor(
                user_id=user.user_id, given=parse(ConductorConnect, form)
            )
        else:
            about = _about(name)
            if about.form is None:
                raise NotFound("There is nothing at this address.")
            await service.connect(
                user_id=user.user_id, provider=about.provider, given=parse(about.form, form)
            )
    except InvalidInput as refusal:
        shown = {key: value for key, value in form.items() if key != "api_key"}
        return await _show(request, user, name, values=shown, errors=refusal.fields)
    return redirect(f"{PATH}/{name}", toast=f"{_label(name)} is connected")


@router.post(f"{PATH}/{{name}}/check")
async def check_connection(request: Request, user: CurrentUser, name: str) -> Response:
    _label(name)
    try:
        await service.try_again(user_id=user.user_id, service=name)
    except InvalidInput as refusal:
        return await _show(request, user, name, errors={"": refusal.message})
    return redirect(f"{PATH}/{name}", toast="The connection works")


@router.post(f"{PATH}/{{name}}/test")
async def test_conductor(user: CurrentUser, name: str) -> Response:
    """Send a test event to a Conductor; other services have no event that means nothing."""
    if name != CONDUCTOR:
        raise NotFound("There is nothing at this address.")
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user.user_id)) as tx:
        if name not in await service.list_connections(tx, user_id=user.user_id):
            raise NotFound("This service is not connected.")
        delivery_id = await outbox.write_test(
            tx, user_id=user.user_id, destination=Destination.CONDUCTOR
        )
        await deliveries.send_deliveries(tx, [delivery_id], acting_user_id=user.user_id)
    return redirect("/app/deliveries?destination=conductor", toast="Test on its way")


@router.post(f"{PATH}/{{name}}/disconnect")
async def disconnect(user: CurrentUser, name: str) -> Response:
    label = _label(name)
    await service.disconnect(user_id=user.user_id, service=name)
    return redirect(PATH, toast=f"{label} is disconnected")


@router.get("/app/funnels/{funnel_page_id}/integrations")
async def show_mappings(
    request: Request, user: CurrentUser, funnel_page_id: UUID, edit: str = "", list_id: str = ""
) -> Response:
    return await _mappings(request, user, funnel_page_id, edit=edit, list_id=list_id)


@router.post("/app/funnels/{funnel_page_id}/integrations/{name}")
async def map_funnel(
    request: Request, user: CurrentUser, funnel_page_id: UUID, name: str
) -> Response:
    form = await read_form(request)
    about = _about(name)
    try:
        given = parse(MappingGiven, _chosen(form))
        async with runtime.acting_as(user.actor) as tx:
            await service.map_funnel(
                tx,
                funnel_page_id=funnel_page_id,
                user_id=user.user_id,
                provider=about.provider,
                given=given,
            )
    except InvalidInput as refusal:
        return await _mappings(
            request,
            user,
            funnel_page_id,
            edit=name,
            list_id=form.get("list", "").partition("\t")[0],
            errors=refusal.fields,
        )
    return redirect(
        f"/app/funnels/{funnel_page_id}/integrations", toast=f"New leads go to {about.label}"
    )


@router.post("/app/funnels/{funnel_page_id}/integrations/{name}/remove")
async def unmap_funnel(_: CurrentUser, tx: UserTx, funnel_page_id: UUID, name: str) -> Response:
    about = _about(name)
    await service.unmap_funnel(tx, funnel_page_id=funnel_page_id, provider=about.provider)
    return redirect(
        f"/app/funnels/{funnel_page_id}/integrations", toast=f"No lead goes to {about.label} now"
    )


def _chosen(form: dict[str, str]) -> dict[str, str]:
    """Return ids and names; a select gives both, with a tab between."""
    list_id, _, list_name = form.get("list", "").partition("\t")
    tag_id, _, tag_name = form.get("tag", "").partition("\t")
    return {
        "list_id": list_id,
        "list_name": list_name,
        "tag_id": tag_id,
        "tag_name": tag_name,
        "custom_tags": form.get("custom_tags", ""),
    }


async def _show(
    request: Request,
    user: SignedIn,
    name: str,
    *,
    values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    label = _label(name)
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        connected = await service.list_connections(tx, user_id=user.user_id)
    given = {"api_key": "", "base_url": "", "location_id": "", "endpoint_url": ""}
    context = {
        "name": name,
        "label": label,
        "about": None if name == CONDUCTOR else _about(name),
        "connection": connected.get(name),
        "values": {**given, **(values or {})},
        "errors": errors or {},
        "can_sign_in": service.can_connect_mailchimp(),
    }
    return render(request, "funnels/connections/show.html", context, status=422 if errors else 200)


async def _mappings(
    request: Request,
    user: SignedIn,
    funnel_page_id: UUID,
    *,
    edit: str = "",
    list_id: str = "",
    errors: dict[str, str] | None = None,
) -> Response:
    async with runtime.acting_as(user.actor, readonly=True) as tx:
        shell = await funnels.get_shell(tx, funnel_page_id=funnel_page_id, tab=TAB)
        mappings = await service.list_mappings(tx, funnel_page_id=funnel_page_id)
        connected = await service.list_connections(tx, user_id=user.user_id)
    about = registry.PROVIDERS.get(Provider(edit)) if edit in connected and edit in _KEYS else None
    lists: list[Choice] = []
    tags: list[Choice] = []
    problem = None
    if about is not None and not about.is_crm:
        known = mappings.get(edit)
        list_id = list_id or (known.list_id if known else "")
        lists, tags, problem = await service.find_choices(
            user_id=user.user_id, provider=about.provider, list_id=list_id
        )
    context = {
        "shell": shell,
        "missing": [],
        "providers": list(registry.PROVIDERS.values()),
        "mappings": mappings,
        "connected": connected,
        "about": about,
        "lists": lists,
        "tags": tags,
        "problem": problem,
        "list_id": list_id,
        "user_id": user.user_id,
        "errors": errors or {},
    }
    return render(
        request, "funnels/connections/mappings.html", context, status=422 if errors else 200
    )


_KEYS = {str(provider) for provider in Provider}


def _about(name: str) -> registry.About:
    if name not in _KEYS:
        raise NotFound("There is nothing at this address.")
    return registry.PROVIDERS[Provider(name)]


def _label(name: str) -> str:
    return "Conductor" if name == CONDUCTOR else _about(name).label
