"""The use cases of designs, and how every room of mail compiles what it sends."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from lodestone.domains.email.designs import fields, queries, rendering
from lodestone.domains.email.designs.models import (
    BLOCKS,
    Block,
    Body,
    Brand,
    Button,
    Columns,
    Design,
    DesignDraft,
    DesignRow,
    Heading,
    Image,
    Logo,
    Look,
    Reader,
    Social,
)
from lodestone.domains.email.designs.rendering import Compiled, Dress, Filled, Letter
from lodestone.domains.email.models import MessageKind, NewMessage
from lodestone.domains.email.subscribers.service import unsubscribe_url
from lodestone.domains.identity.service import Scope
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound

__all__ = [
    "BLOCKS",
    "Brand",
    "Compiled",
    "Design",
    "DesignDraft",
    "DesignRow",
    "Dress",
    "Filled",
    "Letter",
    "Look",
    "Reader",
    "check_fields",
    "compile_design",
    "delete_design",
    "find_brand",
    "find_dress",
    "get_design",
    "keep_design",
    "list_choices",
    "list_designs",
    "list_readers",
    "merge_values",
    "preview_design",
    "revise_design",
    "sample_values",
    "starter",
    "test_message",
]

PLAIN: tuple[Block, ...] = (Body(),)
SAMPLE = (
    "Hi {{first_name}},\n\nthe words of each mail stand here. They are written where the mail is:"
    " in a flow, a broadcast or a welcome sequence.\n\nTalk soon,\n{{sender_name}}"
)
_SCHEMES = ("http", "https", "mailto", "tel")


def check_fields(texts: dict[str, str], *, with_resource: bool = False) -> None:
    """Check the merge fields of some texts.

    Raises: InvalidInput that names each text with a field we don't know, and the field.
    """
    known = {**fields.FALLBACKS, **(fields.RESOURCE_FIELDS if with_resource else {})}
    fields.check(texts, known)


async def compile_design(
    tx: Tx,
    *,
    team_id: UUID,
    letter: Letter,
    design_id: UUID | None = None,
    brand: Brand | None = None,
) -> Compiled:
    """Compile a mail in a team's brand: from then on only its fields are filled, reader by reader.

    Raises: NotFound for a design that is not the team's, InvalidInput for an unknown field.
    """
    brand = brand or await find_brand(tx, team_id=team_id)
    blocks, look = PLAIN, Look(is_framed=False)
    if design_id is not None:
        design = await get_design(tx, team_id=team_id, design_id=design_id)
        blocks, look = tuple(design.blocks), design.look
    return _compile(letter, blocks, look, brand)


async def find_dress(tx: Tx, *, team_id: UUID, design_id: UUID | None) -> Dress | None:
    """Return how a mail looks that names a design; None when it names none, or one that is gone."""
    if design_id is None:
        return None
    try:
        design = await get_design(tx, team_id=team_id, design_id=design_id)
    except NotFound:
        return None
    brand = await find_brand(tx, team_id=team_id)
    return Dress(blocks=tuple(design.blocks), look=design.look, brand=brand)


def _compile(letter: Letter, blocks: tuple[Block, ...], look: Look, brand: Brand) -> Compiled:
    try:
        return rendering.compile_mail(letter, blocks=blocks, look=look, brand=brand)
    except ValueError as error:
        raise InvalidInput(
            "A field in this mail is not known.", fields={"body": str(error)}
        ) from error


def merge_values(
    *,
    subscriber_id: UUID,
    email: str,
    first_name: str | None = None,
    last_name: str | None = None,
    company: str | None = None,
    sender_name: str | None = None,
    **more: str | None,
) -> dict[str, str | None]:
    """Return what the fields stand for in the mail to one subscriber."""
    leave = unsubscribe_url(subscriber_id)
    whole = " ".join(part for part in (first_name, last_name) if part)
    return {
        "first_name": first_name,
        "last_name": last_name,
        "name": whole or None,
        "company": company,
        "email": email,
        "sender_name": sender_name,
        "unsubscribe_url": leave,
        "preferences_url": leave.replace("/api/email/unsubscribe?", "/api/email/preferences?"),
        **more,
    }


async def find_brand(tx: Tx, *, team_id: UUID) -> Brand:
    """Return who writes for a team, in the colours of its kit. Raises NotFound without the team."""
    sender = await queries.get_sender(tx, team_id=team_id)
    kit = await lead_magnets.find_brand_kit(
        tx,
        user_id=sender["owner_id"],
        team_id=None if sender["is_personal"] else team_id,
    )
    kit = kit or {}
    own_name = sender["owner_name"] if sender["is_personal"] else sender["name"]
    return Brand(
        name=kit.get("sender_name") or own_name or sender["name"],
        colour=kit.get("default_primary_color") or Brand.model_fields["colour"].default,
        logo_url=kit.get("logo_url"),
        postal_address=sender["postal_address"],
        postscript=sender["ps_template"],
    )


async def list_designs(
    tx: Tx, *, scope: Scope, search: str | None = None, limit: int = 50, offset: int = 0
) -> tuple[list[DesignRow], int]:
    """Return a page of a workspace's designs and how many it has."""
    team_id = scope.home_team_id
    if team_id is None:
        return [], 0
    rows = await queries.list_designs(
        tx, team_id=team_id, search=search, limit=limit, offset=offset
    )
    total = await queries.count_designs(tx, team_id=team_id, search=search)
    return [DesignRow.model_validate(dict(row)) for row in rows], total


async def list_choices(tx: Tx, *, team_id: UUID) -> list[tuple[str, str]]:
    """Return the designs of a team, to choose one of."""
    rows = await queries.list_designs(tx, team_id=team_id, search=None, limit=200, offset=0)
    return [(str(row["id"]), row["name"]) for row in rows]


async def get_design(tx: Tx, *, team_id: UUID | None, design_id: UUID) -> Design:
    """Return a design of a team. Raises NotFound when it is missing or another team's."""
    row = await queries.get_design(tx, design_id=design_id)
    if row["team_id"] != team_id:
        raise NotFound("There is no such design.")
    return Design.model_validate(dict(row))


def check_design(draft: DesignDraft) -> None:
    """Check fields and links of a design.

    Raises: InvalidInput that names each block, counted from 1, that can't be sent as it is.
    """
    problems: dict[str, str] = {}
    for number, block in enumerate(draft.blocks, 1):
        wrong = _problems_of(block)
        if wrong:
            problems[f"block_{number}"] = f"Part {number}: " + " ".join(dict.fromkeys(wrong))
    if sum(isinstance(block, Body) for block in draft.blocks) > 1:
        problems["blocks"] = "A design has one place for the mail's words, not several."
    if draft.look.logo_url and (sentence := _link_problem(draft.look.logo_url)):
        problems["logo_url"] = sentence
    if problems:
        raise InvalidInput("This design can't be sent as it is.", fields=problems)


def _problems_of(block: Block) -> list[str]:
    wrong: list[str] = []
    for text in _texts(block.model_dump()):
        wrong += fields.list_problems(text)
    wrong += [sentence for url in _links(block) if (sentence := _link_problem(url))]
    if isinstance(block, Button) and block.label and not block.url:
        wrong.append("The button leads nowhere: give it an address.")
    if isinstance(block, Image) and block.url and not block.alt:
        wrong.append("Say what the picture shows: many mail programs hide pictures.")
    return wrong


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _links(block: Block) -> list[str]:
    match block:
        case Button():
            found = [block.url]
        case Image():
            found = [block.url, block.link]
        case Logo():
            found = [block.link]
        case Columns():
            found = [url for cell in block.columns for url in (cell.image_url, cell.button_url)]
        case Social():
            found = [link.url for link in block.links]
        case _:
            found = []
    return [url for url in found if url]


def _link_problem(url: str) -> str | None:
    if url.startswith("{{") and url.endswith("_url}}"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"{url} is no address."
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        return f"{url} is no whole address: begin with https://."
    return None


async def keep_design(tx: Tx, *, scope: Scope, draft: DesignDraft) -> UUID:
    """Keep a new design of a workspace. Raises InvalidInput as `check_design`."""
    check_design(draft)
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    return await queries.insert_design(
        tx, team_id=scope.home_team_id, name=draft.name, blocks=_dumped(draft), look=_look(draft)
    )


async def revise_design(tx: Tx, *, scope: Scope, design_id: UUID, draft: DesignDraft) -> None:
    """Change a design; mails that go out from now on look like it. Raises as above, NotFound."""
    check_design(draft)
    await get_design(tx, team_id=scope.home_team_id, design_id=design_id)
    await queries.update_design(
        tx, design_id=design_id, name=draft.name, blocks=_dumped(draft), look=_look(draft)
    )


def _dumped(draft: DesignDraft) -> list[Any]:
    return [block.model_dump(mode="json") for block in draft.blocks]


def _look(draft: DesignDraft) -> dict[str, Any]:
    return draft.look.model_dump(mode="json")


async def delete_design(tx: Tx, *, scope: Scope, design_id: UUID) -> None:
    """Delete a design. Raises Conflict while an active flow uses it, NotFound."""
    await get_design(tx, team_id=scope.home_team_id, design_id=design_id)
    uses = await queries.list_uses(tx, design_id=design_id)
    active = [use["name"] for use in uses if use["status"] == "active"]
    if active:
        raise Conflict(f"These flows send mails that look like it: {', '.join(active)}.")
    await queries.delete_design(tx, design_id=design_id)


async def list_readers(tx: Tx, *, scope: Scope, search: str | None = None) -> list[Reader]:
    """Return some people of a workspace's list, for previews."""
    if scope.home_team_id is None:
        return []
    rows = await queries.list_readers(tx, team_id=scope.home_team_id, search=search)
    return [Reader.model_validate(dict(row)) for row in rows]


async def preview_design(
    tx: Tx, *, scope: Scope, draft: DesignDraft, subscriber_id: UUID | None = None
) -> Filled:
    """Return a design with sample words, as somebody on the list would get it, or nobody yet.

    Raises: InvalidInput for an unknown field, NotFound for somebody of another list.
    """
    if scope.home_team_id is None:
        raise NotFound("This workspace has no list.")
    brand = await find_brand(tx, team_id=scope.home_team_id)
    letter = Letter(subject=draft.name, body=SAMPLE)
    compiled = _compile(letter, tuple(draft.blocks), draft.look, brand)
    return compiled.fill(await sample_values(tx, scope, brand, subscriber_id))


async def sample_values(
    tx: Tx, scope: Scope, brand: Brand, subscriber_id: UUID | None
) -> dict[str, str | None]:
    """Return the values of a real reader whose links lead nowhere, or of nobody yet.

    Raises: NotFound for somebody of another list.
    """
    known: dict[str, str | None] = {"email": "reader@example.com"}
    if subscriber_id is not None and scope.home_team_id is not None:
        row = await queries.find_reader(tx, team_id=scope.home_team_id, subscriber_id=subscriber_id)
        if row is None:
            raise NotFound("There is no such subscriber.")
        whole = " ".join(part for part in (row["first_name"], row["last_name"]) if part)
        known = {**dict(row), "id": None, "name": whole or None}
    links = dict.fromkeys(
        ("unsubscribe_url", "preferences_url", "resource_url"), "https://example.com/"
    )
    return {**known, "sender_name": brand.name, **links}


def test_message(
    filled: Filled, *, recipient: str, team_id: UUID, tenant_id: UUID, user_id: UUID
) -> NewMessage:
    """Return a mail as a test to whoever writes it; each is a message of its own."""
    return NewMessage(
        dedupe_key=f"test:{uuid4()}",
        kind=MessageKind.TEST,
        recipient=recipient,
        subject=f"Test: {filled.subject}"[:500],
        html=filled.html,
        text=filled.text,
        tenant_id=tenant_id,
        team_id=team_id,
        user_id=user_id,
    )


def starter(kind: str) -> DesignDraft:
    """Return a design to begin with: `letter`, `newsletter` or `announcement`."""
    blocks: list[Block]
    if kind == "newsletter":
        blocks = [
            Logo(),
            Heading(text="This week"),
            Body(),
            Columns(),
            Social(),
        ]
        return DesignDraft(name="Newsletter", blocks=blocks)
    if kind == "announcement":
        blocks = [
            Logo(align="center"),
            Heading(text="Something new", align="center"),
            Body(),
            Button(label="See it", url="https://example.com", align="center"),
        ]
        return DesignDraft(name="Announcement", blocks=blocks)
    blocks = [Logo(), Body()]
    return DesignDraft(name="Letter", blocks=blocks, look=Look(ground="#ffffff", is_framed=False))
