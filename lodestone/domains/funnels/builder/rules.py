"""What a new funnel takes from whom, and what one lacks before it can be shown."""

from collections.abc import Mapping
from typing import Any

from lodestone.domains.funnels.builder.models import Missing
from lodestone.domains.funnels.models import FunnelPage

LOOK = ("theme", "primary_color", "background_style", "logo_url")


def choose_look(kit: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the look of a new page: the brand kit's, else the account's, else the system's."""
    chosen = {
        name: kit.get(f"default_{name}" if name != "logo_url" else name)
        or defaults.get(f"default_{name}")
        for name in LOOK
    }
    return {**chosen, "font_family": kit.get("font_family"), "font_url": kit.get("font_url")}


def name_missing(page: FunnelPage, reasons: Mapping[str, str]) -> list[Missing]:
    """Return what publishing lacks with the place where each is mended."""
    places = {
        "username": ("/app/account", "Open your account"),
        "optin_headline": (f"/app/funnels/{page.id}#f-optin-headline", "Write a headline"),
        "content": (
            f"/app/lead-magnets/{page.lead_magnet_id}/edit"
            if page.lead_magnet_id
            else f"/app/funnels/{page.id}/content",
            "Write the content",
        ),
        "lead_magnet_id": ("/app/lead-magnets", "Open your lead magnets"),
        "library_id": (f"/app/libraries/{page.library_id}", "Open the library"),
        "calendly_url": (f"/app/funnels/{page.id}/thankyou#f-calendly-url", "Add the calendar"),
        "redirect_url": (f"/app/funnels/{page.id}/thankyou#f-redirect-url", "Add the address"),
    }
    elsewhere = (f"/app/funnels/{page.id}", "Look")
    return [
        Missing(name, sentence, *places.get(name, elsewhere)) for name, sentence in reasons.items()
    ]
