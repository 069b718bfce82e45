"""Funnels as their people make them: draft, change, brand, publish, hide."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lodestone.auth.profiles import service as profiles
from lodestone.domains.funnels import rules
from lodestone.domains.funnels.builder import copywriting
from lodestone.domains.funnels.builder.models import (
    CopyInput,
    CreatedRow,
    FunnelCreate,
    Giveaway,
    OptinCopy,
    TargetType,
)
from lodestone.domains.funnels.builder.rules import choose_look
from lodestone.domains.funnels.models import FunnelPage, FunnelUpdate, PublicPage
from lodestone.domains.funnels.queries import funnel_pages
from lodestone.domains.funnels.sections import service as sections
from lodestone.domains.identity import service as identity
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.domains.prompts import service as prompts
from lodestone.domains.prompts.service import Caller
from lodestone.platform import runtime
from lodestone.platform.actors import Actor
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError

SLUG_ATTEMPTS = 100


async def get_funnel(tx: Tx, *, funnel_page_id: UUID) -> FunnelPage:
    """Return a page. Raises NotFound when it is missing or invisible."""
    row = await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    return FunnelPage.model_validate(dict(row))


async def preview_page(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    draft: FunnelUpdate | None = None,
    section: sections.Draft | None = None,
) -> PublicPage:
    """Return a page as visitors will see it, published or not, with changes nobody has saved yet.

    Raises NotFound when it is missing or invisible.
    """
    row = await funnel_pages.get_preview(tx, funnel_page_id=funnel_page_id)
    page = PublicPage.model_validate(dict(row))
    changes = draft.model_dump(mode="json", exclude_unset=True) if draft else {}
    if section is not None:
        stored = await sections.list_sections(tx, funnel_page_id=funnel_page_id)
        changes["sections"] = section.put_into(stored)
    return page.model_copy(update=changes)


async def revise_funnel(tx: Tx, *, funnel_page_id: UUID, given: FunnelUpdate) -> FunnelPage:
    """Change what is given and nothing else. Raises Conflict when the slug is taken."""
    changes = given.model_dump(mode="json", exclude_unset=True)
    await funnel_pages.update_funnel_page(tx, funnel_page_id=funnel_page_id, changes=changes)
    return await get_funnel(tx, funnel_page_id=funnel_page_id)


async def write_copy(*, actor: Actor, user_id: UUID, lead_magnet_id: UUID) -> OptinCopy:
    """Write the words of a magnet's opt-in page, outside any transaction: a model takes seconds.

    Raises NotFound when the magnet is invisible.
    """
    async with runtime.acting_as(actor, readonly=True) as tx:
        magnet = await lead_magnets.get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    caller = Caller("funnels", user_id=user_id, team_id=magnet.team_id)
    return (
        await prompts.run(copywriting.WRITE_OPTIN_COPY, _copy_input(magnet), caller=caller)
    ).value


def _copy_input(magnet: lead_magnets.LeadMagnet) -> CopyInput:
    return CopyInput(
        title=magnet.title,
        concept=magnet.short_description or "",
        pain=magnet.pain_point or "",
        audience=magnet.target_audience or "",
        archetype=magnet.archetype or "",
    )


async def draft_funnel(
    tx: Tx,
    *,
    user_id: UUID,
    lead_magnet_id: UUID,
    copy: OptinCopy | None = None,
    given: FunnelCreate | None = None,
) -> FunnelPage:
    """Draft a page for a magnet, in its workspace and its look; one magnet has one funnel.

    Words that are given go first, then the copy, then those of the offline rule. The sections are
    those of the account's template. Raises Conflict when the magnet has a funnel already, NotFound
    when it is invisible, identity's UsageLimitExceeded when the plan holds no more.
    """
    magnet = await lead_magnets.get_lead_magnet(tx, lead_magnet_id=lead_magnet_id)
    about = Giveaway(TargetType.LEAD_MAGNET, magnet.id, magnet.title, magnet.team_id)
    written = copy or copywriting.draft_offline(_copy_input(magnet))
    return await _draft(tx, about, user_id=user_id, written=written, given=given)


async def draft_giveaway(
    tx: Tx, *, user_id: UUID, target_type: TargetType, target_id: UUID, given: FunnelCreate | None
) -> FunnelPage:
    """Draft a page for a magnet, a library or a link, in its own words or those of the rule.

    Raises as `draft_funnel`.
    """
    if target_type is TargetType.LEAD_MAGNET:
        return await draft_funnel(tx, user_id=user_id, lead_magnet_id=target_id, given=given)
    about = await _get_giveaway(tx, target_type=target_type, target_id=target_id)
    known = CopyInput(title=about.title, concept=about.description)
    written = copywriting.draft_offline(known)
    return await _draft(tx, about, user_id=user_id, written=written, given=given)


async def _get_giveaway(tx: Tx, *, target_type: TargetType, target_id: UUID) -> Giveaway:
    if target_type is TargetType.LIBRARY:
        library = await lead_magnets.get_library(tx, library_id=target_id)
        description = library.description or ""
        return Giveaway(target_type, library.id, library.name, library.team_id, description)
    link = await lead_magnets.get_resource(tx, resource_id=target_id)
    return Giveaway(target_type, link.id, link.title, link.team_id)


async def _draft(
    tx: Tx, about: Giveaway, *, user_id: UUID, written: OptinCopy, given: FunnelCreate | None
) -> FunnelPage:
    await refuse_second(tx, target_id=about.id)
    kit = await lead_magnets.find_brand_kit(tx, user_id=user_id, team_id=about.team_id) or {}
    defaults = await profiles.get_funnel_defaults(tx, user_id=user_id)
    own = given.model_dump(exclude_none=True) if given else {}
    values: dict[str, Any] = {
        "user_id": str(user_id),
        "team_id": str(about.team_id) if about.team_id else None,
        "target_type": about.target_type.value,
        about.target_type.column: str(about.id),
        "optin_headline": own.get("optin_headline") or written.headline,
        "optin_subline": own.get("optin_subline") or written.subline or None,
        "optin_button_text": own.get("optin_button_text") or written.button_text,
        "optin_social_proof": written.social_proof or None,
        "thankyou_subline": written.thankyou_subline or None,
        "vsl_url": defaults.default_vsl_url,
        **choose_look(kit, defaults.model_dump()),
    }
    wanted = own.get("slug")
    with identity.limits_told():
        funnel_page_id = (
            await _insert_with_slug(tx, about, values, wanted)
            if wanted
            else await _insert_with_free_slug(tx, about, values, rules.slugify(about.title))
        )
    await sections.add_template(
        tx,
        funnel_page_id=funnel_page_id,
        template=sections.Template(defaults.default_funnel_template or "social_proof"),
        kit=kit,
    )
    return await get_funnel(tx, funnel_page_id=funnel_page_id)


async def refuse_second(tx: Tx, *, target_id: UUID) -> None:
    """Raise Conflict when a magnet, a library or a link has a funnel already."""
    if await funnel_pages.find_funnel_of(tx, target_id=target_id) is not None:
        raise Conflict("This has a funnel already.")


async def _insert_with_slug(tx: Tx, about: Giveaway, values: Mapping[str, Any], slug: str) -> UUID:
    identifier = await funnel_pages.insert_funnel_page(tx, values={**values, "slug": slug})
    if identifier is None:
        await refuse_second(tx, target_id=about.id)
        raise Conflict("Another funnel has this address.")
    return identifier


async def _insert_with_free_slug(
    tx: Tx, about: Giveaway, values: Mapping[str, Any], slug: str
) -> UUID:
    for number in range(SLUG_ATTEMPTS + 1):
        candidate = slug if number == 0 else f"{slug}-{number}"
        identifier = await funnel_pages.insert_funnel_page(tx, values={**values, "slug": candidate})
        if identifier is not None:
            return identifier
        # Somebody else may have drafted one for it since we looked.
        await refuse_second(tx, target_id=about.id)
    raise Conflict("Too many funnels have this name. Give it another title.")


async def draft_funnels(
    actor: Actor, *, user_id: UUID, given: list[FunnelCreate]
) -> list[CreatedRow]:
    """Draft many funnels, each in a transaction of its own, and say what became of each."""
    return [await _draft_one(actor, user_id=user_id, given=each) for each in given]


async def _draft_one(actor: Actor, *, user_id: UUID, given: FunnelCreate) -> CreatedRow:
    row = CreatedRow(target_id=given.target_id)
    try:
        async with runtime.acting_as(actor) as tx:
            page = await draft_giveaway(
                tx,
                user_id=user_id,
                target_type=given.target_type,
                target_id=given.target_id,
                given=given,
            )
    except LodestoneError as refusal:
        return row.model_copy(update={"error": refusal.message})
    row = row.model_copy(update={"funnel_page_id": page.id})
    if not given.publish:
        return row
    try:
        async with runtime.acting_as(actor) as tx:
            await publish_funnel(tx, funnel_page_id=page.id)
    except InvalidInput as refusal:
        return row.model_copy(update={"error": " ".join(refusal.fields.values())})
    return row.model_copy(update={"is_published": True})


async def apply_brand(tx: Tx, *, user_id: UUID, funnel_page_id: UUID) -> FunnelPage:
    """Set a page's look, and the sections that a brand kit fills, from the kit as it is today.

    Raises NotFound when the page is invisible, Conflict when the workspace has no brand kit.
    """
    page = await get_funnel(tx, funnel_page_id=funnel_page_id)
    kit = await lead_magnets.find_brand_kit(tx, user_id=page.user_id, team_id=page.team_id)
    if kit is None:
        raise Conflict("This workspace has no brand kit yet.")
    defaults = await profiles.get_funnel_defaults(tx, user_id=user_id)
    look = choose_look(kit, defaults.model_dump())
    changes = {name: value for name, value in look.items() if value is not None}
    await funnel_pages.update_funnel_page(tx, funnel_page_id=funnel_page_id, changes=changes)
    await sections.apply_brand(tx, funnel_page_id=funnel_page_id, kit=kit)
    return await get_funnel(tx, funnel_page_id=funnel_page_id)


async def reset_sections(
    tx: Tx, *, funnel_page_id: UUID, location: sections.Location, template: sections.Template
) -> None:
    """Replace the sections of one page by a template's, filled from the brand kit where it can be.

    Raises NotFound when the page is invisible.
    """
    page = await get_funnel(tx, funnel_page_id=funnel_page_id)
    kit = await lead_magnets.find_brand_kit(tx, user_id=page.user_id, team_id=page.team_id)
    await sections.reset_sections(
        tx, funnel_page_id=funnel_page_id, location=location, template=template, kit=kit or {}
    )


async def list_missing(tx: Tx, *, page: FunnelPage) -> dict[str, str]:
    """Return what publishing lacks, by the field that is missing: a sentence for each."""
    missing: dict[str, str] = {}
    if not page.username:
        missing["username"] = "Choose a username in your account: it is part of the address."
    if page.library_id is not None:
        library = await lead_magnets.show_library(tx, library_id=page.library_id)
        if not library.count:
            missing["library_id"] = (
                "Visitors would find the library empty: add a link, or a lead magnet whose page is"
                " published."
            )
    elif page.lead_magnet_id is not None:
        magnet = await lead_magnets.get_lead_magnet(tx, lead_magnet_id=page.lead_magnet_id)
        has_text = bool((magnet.polished_content or {}).get("sections"))
        has_tool = await lead_magnets.has_tool(tx, lead_magnet_id=magnet.id)
        if not (has_text or has_tool or magnet.external_url):
            missing["content"] = "The lead magnet has no content yet: write some, or link to it."
    if page.redirect_trigger != "none" and not page.redirect_url:
        missing["redirect_url"] = "Visitors are to go on to another page, but it has no address."
    return missing


async def publish_funnel(tx: Tx, *, funnel_page_id: UUID) -> FunnelPage:
    """Show a page to everybody.

    Raises InvalidInput naming what is missing: a username, a headline, something to give away.
    """
    page = await get_funnel(tx, funnel_page_id=funnel_page_id)
    if page.lead_magnet_id is not None:
        # What nobody polished is at least set for reading, word for word.
        await lead_magnets.format_unpolished(tx, lead_magnet_id=page.lead_magnet_id)
    missing = await list_missing(tx, page=page)
    if missing:
        raise InvalidInput("This funnel can't be published yet.", fields=missing)
    await funnel_pages.set_published(tx, funnel_page_id=funnel_page_id, is_published=True)
    if page.lead_magnet_id is not None:
        await lead_magnets.mark_published(tx, lead_magnet_id=page.lead_magnet_id)
    return await get_funnel(tx, funnel_page_id=funnel_page_id)


async def unpublish_funnel(tx: Tx, *, funnel_page_id: UUID) -> FunnelPage:
    """Hide a page; its address answers 404 at once and its leads stay."""
    await funnel_pages.set_published(tx, funnel_page_id=funnel_page_id, is_published=False)
    return await get_funnel(tx, funnel_page_id=funnel_page_id)
