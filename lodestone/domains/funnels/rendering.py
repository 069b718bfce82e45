"""Public pages as HTML: what each template is given, for visitors and for the builder's preview."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from lodestone.domains.funnels import embeds, looks
from lodestone.domains.funnels.models import PageType, PublicPage
from lodestone.domains.funnels.pictures import service as pictures
from lodestone.domains.funnels.sections.models import Location
from lodestone.domains.funnels.sections.showing import arrange
from lodestone.domains.lead_magnets import service as lead_magnets
from lodestone.platform import pages, runtime

NAMES_SHOWN = 6
PLAYERS = "https://www.youtube-nocookie.com https://player.vimeo.com https://www.loom.com"

HeadPart = Callable[[PublicPage, PageType], Markup]

_head_parts: list[HeadPart] = []


@dataclass(frozen=True, slots=True)
class Given:
    """What a refused form is shown with again."""

    name: str = ""
    email: str = ""


def add_head_part(part: HeadPart) -> None:
    """Put something at the end of every public page's head, such as a pixel.

    The part is called when a page is rendered: once per change of an opt-in page, not per visitor.
    """
    if part not in _head_parts:
        _head_parts.append(part)


def name_site(page: PublicPage) -> str:
    """Return the name that a page goes by: the team's own, else its author's."""
    return page.site_name or page.author_name or "Lodestone"


def render_optin(page: PublicPage, **context: Any) -> str:
    """Return the opt-in page. `errors` and `given` show a refused form again."""
    stored = page.polished_content or {}
    names = [section["sectionName"] for section in stored.get("sections", [])]
    description = page.optin_subline or page.optin_headline
    canonical = page.address(runtime.current().base_url)
    shown = {
        "description": description,
        "canonical": canonical,
        "picture_url": pictures.share_url(page) if page.username else None,
        "inside": names[:NAMES_SHOWN],
        "minutes": stored.get("metadata", {}).get("readingTimeMinutes"),
        "structured": _describe(page, canonical, description),
        "errors": {},
        "given": Given(),
        **context,
    }
    return _render("funnels/optin.html", page, PageType.OPTIN, shown)


def render_thankyou(
    page: PublicPage,
    *,
    content_url: str | None,
    survey: Any = None,
    is_booking_open: bool = False,
    is_video_open: bool = True,
    name: str | None = None,
    email: str | None = None,
    is_live: bool = True,
) -> str:
    """Return the thank-you page; the calendar is filled in with who it is."""
    calendar = (
        embeds.embed_booking(page.calendly_url, name=name, email=email)
        if page.calendly_url and is_booking_open
        else None
    )
    context = {
        "content_url": content_url,
        "survey": survey,
        "video": embeds.embed_video(page.vsl_url) if page.vsl_url else None,
        "is_video_open": is_video_open,
        "booking": calendar,
        "is_live": is_live,
    }
    return _render("funnels/thankyou.html", page, PageType.THANKYOU, context)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that a reader may book: in a calendar at that address, or after the survey there."""

    url: str
    is_calendar: bool = False


def render_content(
    page: PublicPage, *, call: Call | None = None, tool: str = "", is_live: bool = True
) -> str:
    """Return the page on which the lead magnet is read or used.

    `tool` is its HTML; a call may be booked from the page if there is one.
    """
    content = lead_magnets.render_content(page.polished_content or {})
    context = {
        "content": content,
        "canonical": page.address(runtime.current().base_url),
        "is_live": is_live,
        "call": call,
        "tool": Markup(tool),  # noqa: S704 -- rendered by our own templates, values escaped
    }
    return _render("funnels/content.html", page, PageType.CONTENT, context)


def render_library(
    page: PublicPage,
    *,
    library: lead_magnets.ShownLibrary,
    survey_url: str | None = None,
    is_live: bool = True,
) -> str:
    """Return the page on which a library is looked through; magnets lead to their own pages.

    Seen on an own domain these links lead to the product's host, where every page is found.
    """
    context = {
        "library": library,
        "origin": runtime.current().base_url if page.host else "",
        "survey_url": survey_url,
        "is_live": is_live,
    }
    return _render("funnels/library.html", page, PageType.CONTENT, context)


def frame_sources(page: PublicPage) -> str:
    """Return what a page's policy lets it show inside: players, and the calendar it names."""
    calendar = embeds.origin_of(page.calendly_url) if page.calendly_url else None
    return f"{PLAYERS} {calendar}" if calendar else PLAYERS


def _render(
    template: str, page: PublicPage, page_type: PageType, context: Mapping[str, Any]
) -> str:
    palette = looks.choose_palette(
        theme=page.theme,
        accent=page.primary_color,
        background=page.background_color,
        style=page.background_style,
    )
    return pages.render_text(
        template,
        {
            "page": page,
            "page_type": page_type.value,
            "site_name": name_site(page),
            "theme": page.theme or "dark",
            "background": page.background_style or "solid",
            "palette": palette,
            "is_dark": palette.is_dark,
            "typeface": looks.choose_typeface(page.font_family, page.font_url),
            "arranged": arrange(page.sections, Location(page_type.value)),
            "head": Markup("").join(part(page, page_type) for part in _head_parts),
            "is_live": True,
            **context,
        },
    )


def _describe(page: PublicPage, canonical: str, description: str) -> dict[str, Any]:
    """Return what search engines are told of the page, as schema.org describes it."""
    graph: list[dict[str, Any]] = [
        {
            "@type": "WebPage",
            "@id": canonical,
            "url": canonical,
            "name": page.optin_headline,
            "description": description,
            "dateModified": page.updated_at.isoformat(),
            "publisher": {"@type": "Organization", "name": name_site(page)},
        }
    ]
    questions = arrange(page.sections, Location.OPTIN).questions
    if questions:
        graph.append(
            {
                "@type": "FAQPage",
                "mainEntity": [
                    {
                        "@type": "Question",
                        "name": question,
                        "acceptedAnswer": {"@type": "Answer", "text": answer},
                    }
                    for question, answer in questions
                ],
            }
        )
    return {"@context": "https://schema.org", "@graph": graph}
