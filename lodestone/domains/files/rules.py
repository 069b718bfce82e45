"""Names and sizes as people read them."""

import re

LONGEST_FILE_NAME = 120

_REFUSED = re.compile(r"[^\w!.*'() &$@=;:+,-]+")
_STEPS = ("B", "kB", "MB", "GB", "TB")


def tidy_name(given: str) -> str:
    """Return a file's name that every store takes, as near to the given one as can be."""
    name = given.replace("\\", "/").rpartition("/")[2]
    name = _REFUSED.sub("-", name).strip(" .-") or "file"
    if len(name) <= LONGEST_FILE_NAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        return name[:LONGEST_FILE_NAME]
    return f"{stem[: LONGEST_FILE_NAME - len(suffix) - 1]}.{suffix}"


def other_names(name: str, count: int = 50) -> list[str]:
    """Return the names to try in turn where a name may be taken: "plan.pdf", "plan 2.pdf" …"""
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    return [name, *(f"{stem} {number}{dot}{suffix}" for number in range(2, count))]


def read_size(size: int) -> str:
    """Return a size in the unit that suits it."""
    amount, step = float(size), 0
    while amount >= 999.5 and step < len(_STEPS) - 1:
        amount, step = amount / 1000, step + 1
    return (
        f"{amount:.0f} {_STEPS[step]}"
        if step == 0 or amount >= 9.95
        else f"{amount:.1f} {_STEPS[step]}"
    )


def kind_of(mime_type: str | None) -> str:
    """Return what a preview can do with a file: image, video, audio, text or nothing of these."""
    plain = (mime_type or "").partition(";")[0].strip().lower()
    family = plain.partition("/")[0]
    if plain == "image/svg+xml":
        return "other"
    if family in ("image", "video", "audio"):
        return family
    return (
        "text"
        if plain in ("text/plain", "text/markdown", "text/csv", "application/json")
        else "other"
    )


def icon_of(mime_type: str | None) -> str:
    """Return the icon of a file."""
    return {"image": "eye", "video": "play", "audio": "play", "text": "edit"}.get(
        kind_of(mime_type), "page"
    )
