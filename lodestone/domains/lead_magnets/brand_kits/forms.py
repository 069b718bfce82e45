"""Between the lists of a kit and the fields of its form. Pure."""

from collections.abc import Mapping
from typing import Any

from lodestone.domains.lead_magnets.brand_kits.models import BrandKit
from lodestone.platform.errors import InvalidInput

STEP_PLACES = range(1, 5)
"""How many steps the form has room for."""

_TESTIMONIAL = ("quote", "author", "role", "result")


def show_sending(kit: BrandKit) -> dict[str, str]:
    """Return what mails say of their sender, and the proof, as the form's fields."""
    testimonial, steps = kit.default_testimonial or {}, kit.default_steps or {}
    shown = {
        "sender_name": kit.sender_name or "",
        "best_video_url": kit.best_video_url or "",
        "best_video_title": kit.best_video_title or "",
        "community_url": kit.community_url or "",
        "content_links": "\n".join(
            f"{each.get('title', '')} | {each.get('url', '')}" for each in kit.content_links
        ),
        "steps_heading": steps.get("heading") or "",
    }
    shown |= {f"testimonial_{name}": testimonial.get(name) or "" for name in _TESTIMONIAL}
    given = steps.get("steps") or []
    for place in STEP_PLACES:
        step = given[place - 1] if place <= len(given) else {}
        shown[f"step_{place}_title"] = step.get("title") or ""
        shown[f"step_{place}_text"] = step.get("description") or ""
    return shown


def read_sending(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the form as a kit holds it; only what the form has is in it.

    Raises: InvalidInput when a link lacks its title or its address.
    """
    found: dict[str, Any] = {
        name: form[name]
        for name in ("sender_name", "best_video_url", "best_video_title", "community_url")
        if name in form
    }
    if "content_links" in form:
        found["content_links"] = _read_links(form["content_links"])
    if "testimonial_quote" in form:
        said = {name: form.get(f"testimonial_{name}", "").strip() for name in _TESTIMONIAL}
        found["default_testimonial"] = (
            {name: value or None for name, value in said.items()} if said["quote"] else None
        )
    if "step_1_title" in form:
        steps = [
            {
                "title": form.get(f"step_{place}_title", "").strip(),
                "description": form.get(f"step_{place}_text", "").strip(),
            }
            for place in STEP_PLACES
        ]
        kept = [each for each in steps if each["title"]]
        heading = form.get("steps_heading", "").strip() or None
        found["default_steps"] = {"heading": heading, "steps": kept} if kept else None
    return found


def _read_links(text: str) -> list[dict[str, str]]:
    links = []
    for line in text.splitlines():
        if not line.strip():
            continue
        title, _, url = (part.strip() for part in line.rpartition("|"))
        if not title or not url.startswith(("https://", "http://")):
            sentence = "Write each as: title | https://address"
            raise InvalidInput(sentence, fields={"content_links": sentence})
        links.append({"title": title, "url": url})
    return links
