"""The use cases of brand kits."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import httpx
from pydantic import ValidationError

from lodestone.domains.files import service as files
from lodestone.domains.lead_magnets.brand_kits import queries, rules
from lodestone.domains.lead_magnets.brand_kits.files import Upload, check_font, check_logo
from lodestone.domains.lead_magnets.brand_kits.models import (
    LEAST_TEXT,
    MOST_LOGOS,
    MOST_TEXT,
    BrandKit,
    BusinessType,
    Context,
    Look,
    Reading,
    ReadSource,
    Sending,
    SourceKind,
    Tone,
)
from lodestone.domains.lead_magnets.brand_kits.reading import READ_BRAND_CONTEXT, ReadingInput
from lodestone.domains.prompts import service as prompts
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, NotFound, Unavailable
from lodestone.platform.httpclient import check_url, open_fenced_client, send_with_retries

__all__ = [
    "BrandKit",
    "BusinessType",
    "Context",
    "Look",
    "ReadSource",
    "Reading",
    "Sending",
    "SourceKind",
    "Tone",
    "add_logo",
    "check_source",
    "choose_logo",
    "describe_author",
    "find_kit",
    "keep_font",
    "keep_ideas",
    "read_source",
    "remove_font",
    "remove_logo",
    "revise_kit",
    "save_context",
]

_MOST_PAGE_BYTES = 3 * 1024 * 1024
_YEAR_SECONDS = 31_536_000
_PAGES = frozenset({"text/html", "text/plain", "application/xhtml+xml"})


async def find_kit(tx: Tx, *, user_id: UUID, team_id: UUID | None) -> BrandKit | None:
    """Return the kit of a workspace, or None when nobody has made one."""
    row = await queries.find_kit(tx, user_id=user_id, team_id=team_id)
    return BrandKit.model_validate(dict(row)) if row is not None else None


async def save_context(tx: Tx, *, user_id: UUID, team_id: UUID | None, given: Context) -> BrandKit:
    """Make the workspace's kit or change it; what is not given stays as it was."""
    await queries.insert_kit(
        tx,
        user_id=user_id,
        team_id=team_id,
        description=given.business_description,
        business_type=given.business_type,
    )
    changes = given.model_dump(mode="json", exclude_unset=True)
    return await _update(tx, user_id, team_id, changes)


async def revise_kit(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, given: Look | Sending
) -> BrandKit:
    """Change the look, or what mails say of their sender; what is not given stays.

    Raises: NotFound while the workspace has no kit.
    """
    return await _update(tx, user_id, team_id, given.model_dump(mode="json", exclude_unset=True))


async def keep_ideas(
    tx: Tx, *, user_id: UUID, team_id: UUID | None, ideas: Mapping[str, Any], at: str
) -> None:
    """Keep the newest ideas on the kit, to be used again; without a kit nothing is kept."""
    changes = {"saved_ideation_result": dict(ideas), "ideation_generated_at": at}
    await queries.update_kit(tx, user_id=user_id, team_id=team_id, changes=changes)


async def _update(
    tx: Tx, user_id: UUID, team_id: UUID | None, changes: Mapping[str, Any]
) -> BrandKit:
    row = await queries.update_kit(tx, user_id=user_id, team_id=team_id, changes=changes)
    if row is None:
        raise NotFound("This workspace has no brand kit yet.")
    return BrandKit.model_validate(dict(row))


def describe_author(kit: BrandKit | None) -> str:
    """Return a kit as text for a prompt: who writes, for whom, with what proof."""
    if kit is None:
        return "Nothing is known of the author."
    parts: list[tuple[str, list[str]]] = [
        ("Business", [kit.business_description]),
        ("Kind", [kit.business_type]),
        ("Their clients' urgent pains", kit.urgent_pains),
        ("Results", kit.results),
        ("Why they are trusted", kit.credibility_markers),
        ("Processes of their own", kit.processes),
        ("Templates of their own", kit.templates),
        ("Tools they use", kit.tools),
        ("What clients ask", kit.frequent_questions),
        ("Tools their clients use", kit.audience_tools),
        ("A success", [kit.success_example] if kit.success_example else []),
        ("Tone", [kit.preferred_tone]),
    ]
    return "\n".join(f"{name}: {'; '.join(items)}" for name, items in parts if items)


async def add_logo(
    actor: Actor, *, user_id: UUID, team_id: UUID | None, name: str, body: bytes
) -> None:
    """Store a logo and add it to the kit. Raises: InvalidInput, NotFound, Conflict when full."""
    upload = check_logo(body)
    async with runtime.acting_as(actor, readonly=True) as tx:
        kit = await find_kit(tx, user_id=user_id, team_id=team_id)
    if kit is None:
        raise NotFound("This workspace has no brand kit yet.")
    url = await _store(actor, team_id or user_id, "logos", upload)
    if any(each.get("imageUrl") == url for each in kit.logos):
        return
    logo = {"name": " ".join(name.split())[:100] or "Logo", "imageUrl": url}
    async with runtime.acting_as(actor) as tx:
        added = await queries.add_logo(
            tx, user_id=user_id, team_id=team_id, logo=logo, most=MOST_LOGOS
        )
    if not added:
        raise Conflict(f"A kit holds {MOST_LOGOS} logos: remove one first.")


async def remove_logo(tx: Tx, *, user_id: UUID, team_id: UUID | None, image_url: str) -> None:
    """Take a logo out of the kit; pages that show it keep it. Raises: NotFound."""
    if not await queries.delete_logo(tx, user_id=user_id, team_id=team_id, image_url=image_url):
        raise NotFound("This logo is not in the kit.")


async def choose_logo(tx: Tx, *, user_id: UUID, team_id: UUID | None, image_url: str) -> None:
    """Let new pages show another logo of the kit. Raises: NotFound when it is none."""
    kit = await find_kit(tx, user_id=user_id, team_id=team_id)
    if kit is None or all(each.get("imageUrl") != image_url for each in kit.logos):
        raise NotFound("This logo is not in the kit.")
    await _update(tx, user_id, team_id, {"logo_url": image_url})


async def keep_font(
    actor: Actor, *, user_id: UUID, team_id: UUID | None, family: str, body: bytes
) -> None:
    """Store a font in our own storage and let new pages use it. Raises: InvalidInput, NotFound."""
    try:
        look = Look.model_validate({"font_family": family})
    except ValidationError as error:
        sentence = "A name of letters, digits and spaces, at most 100 characters."
        raise InvalidInput(sentence, fields={"font_family": sentence}) from error
    if look.font_family is None:
        raise InvalidInput("The font needs a name.", fields={"font_family": "Give it a name."})
    upload = check_font(body)
    async with runtime.acting_as(actor, readonly=True) as tx:
        if await find_kit(tx, user_id=user_id, team_id=team_id) is None:
            raise NotFound("This workspace has no brand kit yet.")
    url = await _store(actor, team_id or user_id, "fonts", upload)
    async with runtime.acting_as(actor) as tx:
        await _update(tx, user_id, team_id, {"font_family": look.font_family, "font_url": url})


async def remove_font(tx: Tx, *, user_id: UUID, team_id: UUID | None) -> None:
    """Let new pages use the usual font again. Raises: NotFound without a kit."""
    await _update(tx, user_id, team_id, {"font_family": None, "font_url": None})


async def _store(actor: Actor, owner_id: UUID, folder: str, upload: Upload) -> str:
    # Named after its bytes: the same file twice is one file, and a cached one is never wrong.
    digest = hashlib.sha256(upload.body).hexdigest()[:24]
    where = files.place(owner_id, f"brand/{folder}/{digest}.{upload.ending}", public=True)
    await files.put_file(
        actor, where, upload.body, mime_type=upload.mime_type, cache_seconds=_YEAR_SECONDS
    )
    return files.public_address(where)


def check_source(given: ReadSource) -> None:
    """Refuse a source that can't be read. Raises: InvalidInput that names the field."""
    if given.url and not given.text:
        check_url(given.url, allow_private=runtime.current().allow_private_urls)
    elif not rules.is_enough(given.text):
        sentence = f"Paste at least {LEAST_TEXT} characters, or give an address."
        raise InvalidInput(sentence, fields={"text": sentence})


async def read_source(given: ReadSource, *, caller: prompts.Caller) -> prompts.Outcome[Reading]:
    """Read a business out of a text or a web site, outside any transaction.

    Raises: InvalidInput for too little text or a forbidden address, Unavailable when the site does
    not answer with a page.
    """
    text = given.text or await _fetch(given.url)
    if not rules.is_enough(text):
        raise InvalidInput(
            "There is too little text to read.",
            fields={"url" if given.url else "text": "There is too little text to read."},
        )
    outcome = await prompts.run(
        READ_BRAND_CONTEXT,
        ReadingInput(source_kind=given.kind, source_text=text[:MOST_TEXT]),
        caller=caller,
    )
    return prompts.Outcome(
        value=rules.keep_whats_said(outcome.value),
        model=outcome.model,
        source=outcome.source,
        prompt_version=outcome.prompt_version,
        failure=outcome.failure,
    )


async def _fetch(url: str) -> str:
    is_private_allowed = runtime.current().allow_private_urls
    check_url(url, allow_private=is_private_allowed)
    async with open_fenced_client(allow_private=is_private_allowed) as client:
        try:
            answer = await send_with_retries(
                client,
                "GET",
                url,
                attempts=2,
                largest_answer=_MOST_PAGE_BYTES,
                follow_redirects=True,
                headers={"accept": "text/html, text/plain;q=0.8"},
            )
        except httpx.TooManyRedirects as error:
            raise Unavailable("The site sends us around in circles.") from error
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status_code != 200 or kind not in {
        "text/html",
        "text/plain",
        "application/xhtml+xml",
    }:
        raise Unavailable("There is no page at this address that we can read.")
    return answer.text if kind == "text/plain" else rules.text_of_page(answer.text)
