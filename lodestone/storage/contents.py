"""What a file is, by its first bytes: what it is declared to be is the uploader's word. No I/O."""

import re

import puremagic

from lodestone.storage.names import is_allowed, plain_type

HEAD_BYTES = 4096
"""How much of a file is looked at."""

UNKNOWN = "application/octet-stream"
_SUREST = 0.3
_MARKUP = (
    (re.compile(rb"<!doctype\s+html|<(?:html|head|body|script|iframe|meta)\b"), "text/html"),
    (
        re.compile(
            rb"(?:<\?xml\b[^>]*>\s*)?(?:<!--.*?-->\s*|<!doctype\s+svg[^>]*>\s*)*<svg\b", re.DOTALL
        ),
        "image/svg+xml",
    ),
    (re.compile(rb"<\?xml\b"), "application/xml"),
)
_SCRIPT = re.compile(r"(?:java|ecma|j|live)script|^text/css$")
_ACTIVE = re.compile(r"[/+]xml$|^text/(?:html|xsl)$|^application/xhtml|^multipart/|^message/")
_INLINE = re.compile(
    r"^(?:image|audio|video|font)/|^text/(?:plain|csv|markdown|calendar|vcard)$"
    r"|^application/(?:pdf|json|ogg|font-[\w-]+)$"
)


def identify(head: bytes) -> list[str]:
    """Return the types that the first bytes speak for, likeliest first; often none."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for pattern, mime_type in _MARKUP:
        if pattern.match(start):
            return [mime_type]
    if not head:
        return []
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return []
    likely = [each.mime_type for each in found if each.mime_type and each.confidence >= _SUREST]
    return [each for each in dict.fromkeys(likely) if each != UNKNOWN]


def contradiction(declared: str, head: bytes) -> str | None:
    """Return what a file is, where its bytes speak clearly for another family than declared."""
    found = identify(head)
    plain = plain_type(declared)
    if not found or plain in found or _alike(plain, found):
        return None
    return found[0]


def refused(declared: str, head: bytes, allowed: list[str] | None) -> str | None:
    """Return the type for which a bucket refuses a file: the declared one, or what it really is."""
    if not is_allowed(declared, allowed):
        return plain_type(declared)
    found = contradiction(declared, head)
    return found if found is not None and not is_allowed(found, allowed) else None


def is_active(mime_type: str) -> bool:
    """Say whether a browser would run or render it as a page of this site."""
    return _ACTIVE.search(plain_type(mime_type)) is not None


def is_inline(mime_type: str) -> bool:
    """Say whether a browser may show it at the product's own address."""
    plain = plain_type(mime_type)
    return _INLINE.search(plain) is not None and not is_active(plain) and _is_one(mime_type)


def served_type(mime_type: str) -> str:
    """Return the type to answer with: a script is served as text, so that no page can run it."""
    if not _is_one(mime_type):
        return UNKNOWN
    if _SCRIPT.search(plain_type(mime_type)):
        return "text/plain; charset=utf-8"
    return mime_type


def _is_one(mime_type: str) -> bool:
    """Say whether it is one type: of several, with commas between, browsers take the last."""
    return "," not in mime_type


def _alike(declared: str, found: list[str]) -> bool:
    """Say whether a declared type goes with what was found: a Word file is a zip, too."""
    if declared == UNKNOWN:
        return True
    family = declared.partition("/")[0]
    families = {each.partition("/")[0] for each in found}
    is_markup = any(is_active(each) for each in found)
    if is_active(declared) or is_markup:
        return is_markup and (is_active(declared) or family == "text")
    if family in ("image", "text"):
        return family in families
    return bool(families & {family, "application"}) or {family, *families} == {"audio", "video"}
