"""The use cases of sections, and their door for the other rooms of funnels."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from lodestone.domains.funnels.queries import funnel_pages
from lodestone.domains.funnels.sections import queries, rules
from lodestone.domains.funnels.sections.models import (
    CONFIGS,
    FOLD,
    LAST,
    Config,
    Draft,
    Location,
    SectionCreate,
    SectionMove,
    SectionType,
    StoredSection,
)
from lodestone.domains.funnels.sections.rules import Template, read_config
from lodestone.platform.database import Tx
from lodestone.platform.errors import InvalidInput
from lodestone.platform.forms import parse

__all__ = [
    "Config",
    "Draft",
    "Location",
    "SectionType",
    "StoredSection",
    "Template",
    "add_section",
    "add_template",
    "apply_brand",
    "fill_section",
    "get_section",
    "list_sections",
    "move_sections",
    "put_back",
    "read_config",
    "remove_section",
    "reset_sections",
    "restore_section",
    "show_section",
]

MOST_SECTIONS = 40
"""Sections of one page of a funnel; nobody reads more, and pages have to stay small."""


async def list_sections(tx: Tx, *, funnel_page_id: UUID) -> list[StoredSection]:
    """Return every section of a funnel, hidden ones too, page by page in order."""
    rows = await queries.list_sections(tx, funnel_page_id=funnel_page_id)
    return [StoredSection.model_validate(dict(row)) for row in rows]


async def get_section(tx: Tx, *, funnel_page_id: UUID, section_id: UUID) -> StoredSection:
    """Return a section. Raises NotFound when it is invisible, or another funnel's."""
    row = await queries.get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    return StoredSection.model_validate(dict(row))


async def add_template(
    tx: Tx, *, funnel_page_id: UUID, template: Template, kit: Mapping[str, Any]
) -> None:
    """Give a new funnel the sections of a template."""
    planned = [_row(each) for each in rules.plan(template, kit)]
    if planned:
        await queries.insert_sections(tx, funnel_page_id=funnel_page_id, planned=planned)


async def reset_sections(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    location: Location,
    template: Template,
    kit: Mapping[str, Any],
) -> None:
    """Replace the sections of one page by those of a template.

    Raises NotFound when the funnel is invisible.
    """
    await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    await queries.delete_sections(tx, funnel_page_id=funnel_page_id, page_location=location)
    planned = [_row(each) for each in rules.plan(template, kit, location)]
    if planned:
        await queries.insert_sections(tx, funnel_page_id=funnel_page_id, planned=planned)


async def apply_brand(tx: Tx, *, funnel_page_id: UUID, kit: Mapping[str, Any]) -> None:
    """Fill the sections that a brand kit has words or pictures for."""
    for section in await list_sections(tx, funnel_page_id=funnel_page_id):
        branded = rules.brand_config(SectionType(section.section_type), kit)
        if branded is not None:
            await queries.update_section(
                tx,
                section_id=section.id,
                config=branded.to_json(),
                is_visible=section.is_visible or section.is_placeholder,
                is_placeholder=False,
            )


async def add_section(tx: Tx, *, funnel_page_id: UUID, given: SectionCreate) -> StoredSection:
    """Add a section at the end of its part of the page; without words it is a placeholder.

    Raises NotFound when the funnel is invisible, InvalidInput for a configuration of another shape.
    """
    await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    standing = await queries.lock_sections(
        tx, funnel_page_id=funnel_page_id, page_location=given.page_location
    )
    if len(standing) >= MOST_SECTIONS:
        sentence = f"A page holds at most {MOST_SECTIONS} sections."
        raise InvalidInput(sentence, fields={"section_type": sentence})
    config = check_config(given.section_type, given.config) if given.config else None
    section_id = await queries.insert_section(
        tx,
        funnel_page_id=funnel_page_id,
        section_type=given.section_type,
        page_location=given.page_location,
        sort_order=FOLD - 1 if given.is_above else LAST,
        config=config.to_json() if config else rules.PLACEHOLDERS[given.section_type],
        is_visible=config is not None,
        is_placeholder=config is None,
    )
    above = [row["id"] for row in standing if row["sort_order"] < FOLD]
    below = [row["id"] for row in standing if row["sort_order"] >= FOLD]
    (above if given.is_above else below).append(section_id)
    await _order(tx, above, below)
    return await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)


def check_config(section_type: SectionType, config: Mapping[str, Any]) -> Config:
    """Return a configuration in the shape of its own type.

    Raises InvalidInput naming each wrong field, those of lists with their place: `steps.0.title`.
    """
    return parse(CONFIGS[section_type], config, by_path=True)


async def fill_section(
    tx: Tx, *, funnel_page_id: UUID, section_id: UUID, config: Mapping[str, Any]
) -> StoredSection:
    """Write what a section says; a placeholder becomes visible once none of its samples is left.

    Raises NotFound when it is invisible, InvalidInput for a configuration of another shape.
    """
    section = await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    section_type = SectionType(section.section_type)
    checked = check_config(section_type, config).to_json()
    is_sample = rules.has_samples(section_type, checked)
    await queries.update_section(
        tx,
        section_id=section_id,
        config=checked,
        is_visible=not is_sample and (section.is_visible or section.is_placeholder),
        is_placeholder=is_sample,
    )
    return await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)


async def put_back(
    tx: Tx, *, funnel_page_id: UUID, section_id: UUID, section: StoredSection
) -> None:
    """Write a section as it was before somebody filled it.

    Raises NotFound when it is invisible, InvalidInput for a configuration of another shape.
    """
    standing = await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    await queries.update_section(
        tx,
        section_id=section_id,
        config=_check_stored(SectionType(standing.section_type), section),
        is_visible=section.is_visible and not section.is_placeholder,
        is_placeholder=section.is_placeholder,
    )


def _check_stored(section_type: SectionType, section: StoredSection) -> dict[str, Any]:
    """Return a configuration to write again; that of a placeholder may have no words yet."""
    if section.is_placeholder and section.config == rules.PLACEHOLDERS[section_type]:
        return section.config
    return check_config(section_type, section.config).to_json()


async def show_section(
    tx: Tx, *, funnel_page_id: UUID, section_id: UUID, is_visible: bool
) -> StoredSection:
    """Show a section to visitors, or hide it.

    Raises InvalidInput for a placeholder: it has nothing to show yet.
    """
    section = await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    if is_visible and section.is_placeholder:
        sentence = "Fill this section first: visitors never see sample words."
        raise InvalidInput(sentence, fields={"is_visible": sentence})
    await queries.set_visible(tx, section_id=section_id, is_visible=is_visible)
    return section.model_copy(update={"is_visible": is_visible})


async def move_sections(tx: Tx, *, funnel_page_id: UUID, given: SectionMove) -> None:
    """Put the sections of a page into the order given.

    Sections that somebody else has added meanwhile stay, at the end of the page. Raises NotFound
    when the funnel is invisible, InvalidInput for sections of another page.
    """
    await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    rows = await queries.lock_sections(
        tx, funnel_page_id=funnel_page_id, page_location=given.page_location
    )
    standing = [row["id"] for row in rows]
    if len(set(given.ids)) != len(given.ids) or not set(given.ids) <= set(standing):
        sentence = "Name each section of this page once."
        raise InvalidInput(sentence, fields={"ids": sentence})
    above = given.ids[: given.above]
    below = given.ids[given.above :] + [each for each in standing if each not in given.ids]
    await _order(tx, above, below)


async def remove_section(tx: Tx, *, funnel_page_id: UUID, section_id: UUID) -> StoredSection:
    """Delete a section and return it as it was, so that it can be put back."""
    section = await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)
    await queries.delete_section(tx, section_id=section_id)
    return section


async def restore_section(tx: Tx, *, funnel_page_id: UUID, section: StoredSection) -> StoredSection:
    """Put back a section that was removed, in its place and as it was; its id is new.

    Raises NotFound when the funnel is invisible, InvalidInput for a configuration of another shape.
    """
    await funnel_pages.get_funnel_page(tx, funnel_page_id=funnel_page_id)
    try:
        section_type, location = SectionType(section.section_type), Location(section.page_location)
    except ValueError as error:
        raise InvalidInput(
            "There is no such section.", fields={"section_type": "There is no such type or page."}
        ) from error
    section_id = await queries.insert_section(
        tx,
        funnel_page_id=funnel_page_id,
        section_type=section_type,
        page_location=location,
        sort_order=min(max(section.sort_order, 0), LAST),
        config=_check_stored(section_type, section),
        is_visible=section.is_visible and not section.is_placeholder,
        is_placeholder=section.is_placeholder,
    )
    return await get_section(tx, funnel_page_id=funnel_page_id, section_id=section_id)


async def _order(tx: Tx, above: list[UUID], below: list[UUID]) -> None:
    orders = rules.spread(len(above), len(above) + len(below))
    await queries.update_orders(tx, ids=[*above, *below], orders=orders)


def _row(planned: rules.Planned) -> dict[str, Any]:
    return asdict(planned)
