"""HTML as Markdown: the text of a page without what stands around it."""

import re
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from lodestone.domains.lead_magnets.contents import embeds
from lodestone.domains.lead_magnets.imports.models import ReadText

_AROUND = ("script", "style", "noscript", "template", "svg", "canvas", "nav", "aside", "form")
_AROUND_PAGE = ("header", "footer")
_ROLES = ("navigation", "banner", "contentinfo", "complementary", "search", "dialog", "alert")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_NODES = 60_000
_MOST_DEPTH = 200
_BLANK_LINES = re.compile(r"\n{3,}")


class TooTangled(ValueError):
    """A page of more parts, or nested deeper, than a text has."""


def read_html(html: str, *, base_url: str = "") -> ReadText:
    """Return the text of a page as Markdown. Raises TooTangled."""
    soup = BeautifulSoup(html, "html.parser")
    _check_size(soup)
    title = _title_of(soup)
    body = _main_part(soup)
    _drop_around(body)
    _keep_videos(soup, body)
    _make_absolute(body, base_url)
    text = _Converter(heading_style="ATX", bullets="-", strong_em_symbol="*").convert_soup(body)
    lines = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return ReadText(title=title, text=_BLANK_LINES.sub("\n\n", lines).strip())


class _Converter(MarkdownConverter):
    """Leaves out what is no text and no picture of the web."""

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        source = str(el.get("src") or "")
        if not source.startswith(("https://", "http://")):
            return ""
        alt = " ".join(str(el.get("alt") or "").split()).replace("]", "")
        return f"![{alt}]({source.replace(' ', '%20')})"


def _check_size(soup: BeautifulSoup) -> None:
    for number, tag in enumerate(soup.find_all(True)):
        if number > _MOST_NODES:
            raise TooTangled("The page has too many parts.")
        if sum(1 for _ in tag.parents) > _MOST_DEPTH:
            raise TooTangled("The page is nested too deep.")


def _title_of(soup: BeautifulSoup) -> str:
    shared = soup.find("meta", attrs={"property": "og:title"})
    if isinstance(shared, Tag) and shared.get("content"):
        return " ".join(str(shared["content"]).split())
    for name in ("h1", "title"):
        found = soup.find(name)
        if isinstance(found, Tag) and found.get_text(strip=True):
            return " ".join(found.get_text(" ").split())
    return ""


def _main_part(soup: BeautifulSoup) -> Tag:
    """Return where the text stands: the longest article or main part, else the whole."""
    found = soup.select("article, main, [role=main]")
    whole = soup.body or soup
    longest = max(found, key=lambda part: len(part.get_text()), default=None)
    if longest is None or len(longest.get_text()) * 3 < len(whole.get_text()):
        return whole
    return longest


def _drop_around(body: Tag) -> None:
    names = _AROUND if body.name in {"article", "main"} else (*_AROUND, *_AROUND_PAGE)
    for tag in body.find_all(names):
        tag.decompose()
    for tag in body.find_all(True):
        # A part of something dropped before is empty by now.
        if tag.attrs is None:
            continue
        is_hidden = tag.has_attr("hidden") or tag.get("aria-hidden") == "true"
        if is_hidden or tag.get("role") in _ROLES or _HIDDEN.search(str(tag.get("style") or "")):
            tag.decompose()


def _keep_videos(soup: BeautifulSoup, body: Tag) -> None:
    for frame in body.find_all("iframe"):
        url = str(frame.get("src") or "")
        url = f"https:{url}" if url.startswith("//") else url
        if embeds.find_provider(url):
            paragraph = soup.new_tag("p")
            paragraph.string = url
            frame.replace_with(paragraph)
        else:
            frame.decompose()


def _make_absolute(body: Tag, base_url: str) -> None:
    for name, attribute in (("a", "href"), ("img", "src")):
        for tag in body.find_all(name):
            address = str(tag.get(attribute) or "")
            if base_url and address:
                tag[attribute] = urljoin(base_url, address)
            if name == "a" and not str(tag.get("href") or "").startswith(
                ("https://", "http://", "mailto:")
            ):
                tag.unwrap()
