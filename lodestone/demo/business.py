"""Seeds the demo business: a founder-led studio with two months behind it.

What a person would do goes through the use cases (accounts, magnets, pages); what has happened
since is written as rows. One transaction makes it, so it is there whole or not at all, and a
second seeding finds it and changes nothing. Then three people opt in for real, so that the first
worker has something to do.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from lodestone.auth import accounts
from lodestone.auth import service as auth
from lodestone.demo import (
    cast,
    files,
    history,
    letters,
    programs,
    queries,
    rooms,
    surveys,
    teams,
)
from lodestone.demo.account import EMAIL, PASSWORD, USERNAME, DemoAccount
from lodestone.demo.history import Page
from lodestone.demo.scene import Row, Rows, Scene
from lodestone.domains.funnels import service as funnels
from lodestone.domains.funnels.models import FunnelUpdate
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import runtime
from lodestone.platform.actors import Root, User
from lodestone.platform.database import Tx
from lodestone.platform.jobs import discover_jobs

_BROWSER = "Mozilla/5.0 (X11; Linux x86_64) demo"
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_NEWCOMERS = (
    ("Leonie Straub", "leonie.straub@halyard.example.com", "linkedin", "192.0.2.11"),
    ("Tomasz Wrona", "tomasz.wrona@tallis.example.com", "newsletter", "192.0.2.12"),
    ("Abena Mensah", "abena.mensah@quayside.example.com", None, "192.0.2.13"),
)


async def seed(*, now: datetime | None = None) -> DemoAccount:
    """Make the demo business unless it is there, on the process's runtime; return its account.

    Raises: Conflict when somebody else has its username.
    """
    discover_jobs("lodestone.domains")
    async with runtime.acting_as(Root()) as tx:
        found = await queries.find_account(tx, email=EMAIL)
        if found is not None:
            return DemoAccount(user_id=found["user_id"], tenant_id=found["tenant_id"])
        scene = await _open_studio(tx, now=now or datetime.now(UTC))
        pages = await _publish(tx, scene)
        for table, rows in _past(scene, pages):
            await queries.insert_rows(tx, table=table, rows=rows)
    await files.put(User(scene.owner_id))
    await _welcome_newcomers(pages[0])
    return DemoAccount(user_id=scene.owner_id, tenant_id=scene.tenant_id)


async def _open_studio(tx: Tx, *, now: datetime) -> Scene:
    """Make the accounts, the client's team and the look of the studio."""
    tenant_id = await queries.insert_tenant(
        tx, name=cast.BUSINESS, email=EMAIL, slug="tidewater-studio"
    )
    owner_id = await auth.create_user(
        tx,
        email=EMAIL,
        password=PASSWORD,
        name=cast.OWNER,
        username=USERNAME,
        tenant_id=tenant_id,
        may_run=_is_local(),
    )
    mates = [
        await auth.create_user(
            tx,
            email=email,
            password=None,
            name=name,
            username=username,
            tenant_id=tenant_id,
            may_run=False,
        )
        for name, email, username in (cast.WRITER, cast.MANAGER)
    ]
    for user_id in (owner_id, *mates):
        await accounts.confirm_email(tx, user_id=user_id)
    await queries.promote_owner(tx, user_id=owner_id, tenant_id=tenant_id)
    scene = Scene(
        now=now,
        tenant_id=tenant_id,
        owner_id=owner_id,
        writer_id=mates[0],
        manager_id=mates[1],
        workspace_id=await queries.get_personal_team(tx, user_id=owner_id),
        client_team_id=_client_team_id(tenant_id),
    )
    for table, rows in [*teams.rows(scene), *_look(scene)]:
        await queries.insert_rows(tx, table=table, rows=rows)
    return scene


def _is_local() -> bool:
    """Tell whether only this machine is served: elsewhere the printed password opens too much."""
    return urlsplit(runtime.current().base_url).hostname in _LOCAL


def _client_team_id(tenant_id: UUID) -> UUID:
    return UUID(int=tenant_id.int ^ 1)


def _look(scene: Scene) -> Rows:
    kit: Row = {
        "user_id": str(scene.owner_id),
        "business_description": "We help founder-led firms win clients without a sales team.",
        "business_type": "agency-owner",
        "credibility_markers": ["More than 400 calls with 60 firms", "A book about one page"],
        "urgent_pains": ["Proposals without an answer", "Clients who come by chance"],
        "results": ["From 3 answered proposals in 12 to 6, in one quarter"],
        "preferred_tone": "conversational",
        "sender_name": f"Ada at {cast.BUSINESS}",
        "default_theme": "light",
        "default_primary_color": cast.COLOUR,
        "default_background_style": "solid",
        "default_testimonial": {
            "quote": "We sent it on Monday and had a yes on Tuesday.",
            "author": "Petra",
            "role": cast.CLIENT,
        },
        "logos": [],
        "content_links": [],
    }
    return [("brand_kits", [kit])]


async def _publish(tx: Tx, scene: Scene) -> list[Page]:
    """Write the magnets and draft their pages; return those that are public."""
    public = []
    for magnet in cast.MAGNETS:
        written = await lead_magnets.write_lead_magnet(
            tx, user_id=scene.owner_id, team_id=None, given=magnet.given()
        )
        if not magnet.has_page:
            continue
        draft = await funnels.draft_funnel(tx, user_id=scene.owner_id, lead_magnet_id=written.id)
        if magnet.proof:
            given = FunnelUpdate(optin_social_proof=magnet.proof)
            await funnels.revise_funnel(tx, funnel_page_id=draft.id, given=given)
        if magnet.days is None:
            continue
        await queries.date_page(
            tx, funnel_page_id=draft.id, lead_magnet_id=written.id, days=magnet.days
        )
        page = await funnels.publish_funnel(tx, funnel_page_id=draft.id)
        public.append(
            Page(page.id, written.id, page.slug, magnet.title, magnet.weight, magnet.days)
        )
    await lead_magnets.write_lead_magnet(
        tx, user_id=scene.writer_id, team_id=scene.client_team_id, given=teams.DRAFT
    )
    return public


def _past(scene: Scene, pages: Sequence[Page]) -> Rows:
    """Return all that has happened, in the order of the foreign keys."""
    taken = history.opt_ins(scene, pages)
    return [
        *surveys.questions(scene, pages),
        *history.leads(scene, taken, surveys.answers(scene, taken)),
        *surveys.bookings(scene, taken),
        *history.visits(scene, taken, pages),
        *history.prospects(scene, taken),
        *letters.subscribers(scene, taken),
        *letters.outbox(scene, taken),
        *letters.webhooks(scene, taken),
        *letters.flows(scene),
        *rooms.rows(scene),
        *programs.rows(scene),
        *files.audit(scene),
    ]


async def _welcome_newcomers(page: Page) -> None:
    """Let three people opt in as visitors do: the worker brings them in and mails them."""
    public = await funnels.find_public_page_by_id(funnel_page_id=page.id)
    if public is None:
        return
    for name, email, source, address in _NEWCOMERS:
        given = funnels.OptIn(funnel_page_id=page.id, email=email, name=name, utm_source=source)
        await funnels.count_view(
            public, page_type=funnels.PageType.OPTIN, address=address, user_agent=_BROWSER
        )
        await funnels.capture_lead(public, given=given, address=address, user_agent=_BROWSER)
