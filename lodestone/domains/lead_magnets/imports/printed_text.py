"""PDF as Markdown: lines joined to paragraphs, large type to headings, running heads left out."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from lodestone.domains.lead_magnets.imports.models import ReadText

MOST_PAGES = 300
_LARGE = 1.18
"""How many times larger than the text a heading is."""

_BULLET = re.compile(r"^\s*[•▪◦●‣∙·–]\s*")
_PAGE_NUMBER = re.compile(r"^(?:page\s*)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?$", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?:…][\"”’)]?$")


class UnreadableFile(ValueError):
    """What a person is told about a file that can't be read."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float


def read_pdf(body: bytes) -> ReadText:
    """Return the text of a PDF as Markdown. Raises UnreadableFile."""
    try:
        reader = PdfReader(io.BytesIO(body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("The file is protected by a password.")
        count = len(reader.pages)
        pages = [_lines_of(reader, number) for number in range(min(count, MOST_PAGES))]
        title = str((reader.metadata and reader.metadata.title) or "").strip()
    except UnreadableFile:
        raise
    # The library raises whatever a damaged file leads it into.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableFile("The file is damaged, or no PDF.") from error
    lines = list(_without_running_heads(pages))
    if not any(line.text for line in lines):
        raise UnreadableFile("There is no text in the file. Scanned pages can't be read.")
    notes = [f"Only the first {MOST_PAGES} pages were read."] if count > MOST_PAGES else []
    text = "\n\n".join(_paragraphs(lines))
    return ReadText(title=title or _first_heading(text), text=text, notes=notes)


def _lines_of(reader: PdfReader, number: int) -> list[_Line]:
    pieces: list[tuple[str, float]] = []

    def visit(text: str, _: object, matrix: list[float], __: object, size: float) -> None:
        pieces.append((text, abs((size or 0) * (matrix[3] or 1))))

    reader.pages[number].extract_text(visitor_text=visit)
    lines: list[_Line] = []
    text, sizes = "", Counter[float]()
    for piece, size in [*pieces, ("\n", 0.0)]:
        for part in re.split(r"(\n)", piece):
            if part != "\n":
                text += part
                sizes[round(size, 1)] += len(part.strip())
            else:
                plain = " ".join(text.split())
                largest = sizes.most_common(1)[0][0] if sizes else 0.0
                lines.append(_Line(plain, largest))
                text, sizes = "", Counter()
    return lines


def _without_running_heads(pages: list[list[_Line]]) -> Iterator[_Line]:
    """Yield the lines without page numbers, and without what stands on half of the pages."""
    on_pages = Counter(
        text for page in pages for text in {line.text for line in (*page[:2], *page[-3:])} if text
    )
    often = {text for text, times in on_pages.items() if times > 2 and times * 2 > len(pages)}
    for page in pages:
        for line in page:
            if line.text not in often and not _PAGE_NUMBER.match(line.text):
                yield line


def _paragraphs(lines: list[_Line]) -> Iterator[str]:
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    usual = sizes.most_common(1)[0][0] or 1.0
    widest = max((len(line.text) for line in lines if line.size <= usual * _LARGE), default=0)
    heads = sorted({line.size for line in lines if _is_head(line, usual)}, reverse=True)
    paragraph = ""
    for line in lines:
        ends = not line.text or _is_head(line, usual) or _BULLET.match(line.text)
        if ends and paragraph:
            yield paragraph
            paragraph = ""
        if _is_head(line, usual):
            yield f"{'##' if line.size >= heads[min(1, len(heads) - 1)] else '###'} {line.text}"
        elif line.text:
            paragraph = _join(paragraph, _BULLET.sub("- ", line.text))
            is_short = len(line.text) < widest * 0.75
            if is_short and _SENTENCE_END.search(line.text):
                yield paragraph
                paragraph = ""
    if paragraph:
        yield paragraph


def _is_head(line: _Line, usual: float) -> bool:
    return bool(line.text) and line.size > usual * _LARGE and len(line.text) <= 120


def _join(paragraph: str, line: str) -> str:
    if not paragraph:
        return line
    if paragraph.endswith("-") and line[:1].islower():
        return paragraph[:-1] + line
    return f"{paragraph} {line}"


def _first_heading(text: str) -> str:
    found = re.search(r"^#+ (.+)$", text, re.MULTILINE)
    return found[1] if found else ""
