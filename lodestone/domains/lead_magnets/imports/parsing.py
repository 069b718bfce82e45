"""Files as Markdown. Run as a program it reads one file and writes what it found as JSON: so a
file that somebody built to take all time and memory takes a little, and no more.
"""

import io
import json
import re
import resource
import sys
import zipfile

from lodestone.domains.lead_magnets.imports.models import FileKind, ReadText
from lodestone.domains.lead_magnets.imports.printed_text import UnreadableFile, read_pdf
from lodestone.domains.lead_magnets.imports.web_text import TooTangled, read_html

CPU_SECONDS = 20
MEMORY_BYTES = 1024**3
MOST_UNPACKED = 200 * 1024 * 1024
_HTML = re.compile(
    r"\s*(?:<!doctype html|<html|<head|<body|<article|<main|<div|<p|<h[1-6])\b", re.I
)
_MARKDOWN_NAMES = (".md", ".markdown", ".txt", ".text")


def find_kind(body: bytes, *, name: str = "") -> FileKind:
    """Return what a file is, by its first bytes, then its name. Raises UnreadableFile."""
    if body[:1024].lstrip().startswith(b"%PDF-"):
        return FileKind.PDF
    if body.startswith(b"PK\x03\x04"):
        return _kind_in_archive(body)
    if b"\x00" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("This kind of file can't be read: use PDF, Word, HTML or Markdown.")
    is_html = name.lower().endswith((".html", ".htm")) or _HTML.match(decode(body[:4096]))
    if name.lower().endswith(_MARKDOWN_NAMES):
        return FileKind.MARKDOWN
    return FileKind.HTML if is_html else FileKind.MARKDOWN


def decode(body: bytes) -> str:
    """Return text in the encoding it shows by its first bytes, else UTF-8, else Windows-1252."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def parse(body: bytes, *, kind: FileKind, base_url: str = "") -> ReadText:
    """Return a file's text as Markdown. Raises UnreadableFile."""
    if kind is FileKind.PDF:
        return read_pdf(body)
    if kind is FileKind.WORD:
        return _read_word(body)
    if kind is FileKind.HTML:
        try:
            return read_html(decode(body), base_url=base_url)
        except TooTangled as error:
            raise UnreadableFile(str(error)) from error
    text = decode(body).replace("\r\n", "\n").replace("\x00", "")
    heading = re.search(r"^# +(.+)$", text, re.MULTILINE)
    return ReadText(title=heading[1].strip() if heading else "", text=text.strip())


def _kind_in_archive(body: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise UnreadableFile("The file is damaged.") from error
    if "word/document.xml" not in names:
        raise UnreadableFile("This kind of file can't be read: use PDF, Word, HTML or Markdown.")
    return FileKind.WORD


def _read_word(body: bytes) -> ReadText:
    # Large, and needed by nobody who imports anything else.
    import mammoth  # type: ignore[import-untyped]  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
            raise UnreadableFile("The file is too large when it is unpacked.")
    dropped: list[str] = []

    def drop(image: object) -> dict[str, str]:
        dropped.append(str(image))
        return {"src": ""}

    try:
        result = mammoth.convert_to_html(
            io.BytesIO(body), convert_image=mammoth.images.img_element(drop)
        )
    except (KeyError, ValueError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise UnreadableFile("The file is damaged, or no Word document.") from error
    found = read_html(f"<body>{result.value}</body>")
    notes = [f"{len(dropped)} pictures were left out: add them by their address."]
    return found.model_copy(update={"notes": notes if dropped else []})


def main() -> None:
    """Read a file from standard input: its kind and base address are the arguments."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    kind, base_url = sys.argv[1:3]
    try:
        found = parse(sys.stdin.buffer.read(), kind=FileKind(kind), base_url=base_url)
        answer = found.model_dump_json()
    except UnreadableFile as refusal:
        answer = json.dumps({"refusal": str(refusal)})
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
