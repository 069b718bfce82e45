"""Content as a file to take away."""

import json
from dataclasses import dataclass

from lodestone.domains.lead_magnets import rules
from lodestone.domains.lead_magnets.contents.reading import ReadingPage, render_reading
from lodestone.domains.lead_magnets.contents.rendering import render_content
from lodestone.domains.lead_magnets.contents.service import Layers, read_content
from lodestone.domains.lead_magnets.models import PolishedContent
from lodestone.platform.errors import NotFound

COLOUR = "#0f766e"
ON_COLOUR = "#ffffff"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file, ready to be sent."""

    body: str
    media_type: str


def export_markdown(layers: Layers) -> Exported:
    """Return what readers see as Markdown; an import of it gives the same content."""
    content = _content(layers)
    body = f"# {content.title or layers.title}\n\n{rules.write_text(content)}\n"
    return Exported(body, "text/markdown")


def export_html(layers: Layers) -> Exported:
    """Return what readers see as one file of HTML that needs no other."""
    content = _content(layers)
    page = ReadingPage(
        title=content.title or layers.title,
        site_name=content.title or layers.title,
        colour=COLOUR,
        text_colour=ON_COLOUR,
        hide_branding=True,
        is_file=True,
    )
    return Exported(render_reading(page, render_content(content.to_json())), "text/html")


def export_json(layers: Layers) -> Exported:
    """Return every layer as it is stored."""
    body = layers.model_dump(
        mode="json",
        include={
            "id",
            "title",
            "archetype",
            "extracted_content",
            "generated_content",
            "polished_content",
        },
    )
    return Exported(json.dumps(body, ensure_ascii=False, indent=2), "application/json")


EXPORTS = {"md": export_markdown, "html": export_html, "json": export_json}


def _content(layers: Layers) -> PolishedContent:
    content = read_content(layers)
    if content is None:
        raise NotFound("There is no content yet.")
    return content
