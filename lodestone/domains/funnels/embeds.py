"""Addresses that a creator gives: which are taken, and how videos and calendars are shown inside.

Sources: https://developers.google.com/youtube/player_parameters,
https://developer.vimeo.com/player/sdk/embed, https://help.calendly.com (prefilled questions),
https://cal.com/docs/core-features/embed.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

_UNSAFE = re.compile(r"[\s\"'<>\\^`{}|()]")
_VIDEO_ID = re.compile(r"[\w-]{6,64}")
_NAME_KEYS = {
    "Calendly": ("name", "email"),
    "Cal.com": ("name", "email"),
    "iClosed": ("iclosedName", "iclosedEmail"),
}
_BOOKING_HOSTS = {
    "calendly.com": "Calendly",
    "cal.com": "Cal.com",
    "iclosed.io": "iClosed",
}


@dataclass(frozen=True, slots=True)
class Booking:
    """A calendar shown inside a page; `provider` is None for one that is not known."""

    provider: str | None
    url: str


def check_web_url(value: str) -> str:
    """Return the address. Raises ValueError when it is none of the web's."""
    parts = _split(value)
    if parts is None or parts[0] not in ("http", "https"):
        raise ValueError("Write an address that begins with https://")
    return value


def check_picture_url(value: str) -> str:
    """Return the address of a picture. Raises ValueError when it is none of the web's."""
    return check_web_url(value)


def check_font_url(value: str) -> str:
    """Return the address of a font. Raises ValueError for anything but a woff2 file."""
    check_web_url(value)
    if not urlsplit(value).path.lower().endswith(".woff2"):
        raise ValueError("Upload a font as a .woff2 file")
    return value


def check_video_url(value: str) -> str:
    """Return the address of a video. Raises ValueError unless it is YouTube, Vimeo or Loom."""
    if embed_video(value) is None:
        raise ValueError("Give the link of a video on YouTube, Vimeo or Loom")
    return value


def check_booking_url(value: str) -> str:
    """Return the address of a calendar. Raises ValueError unless it is one of https."""
    parts = _split(value)
    if parts is None or parts[0] != "https":
        raise ValueError("Give the link of your calendar: it begins with https://")
    return value


def embed_video(value: str) -> str | None:
    """Return the address of the player for a link to a video, or None when it is no such link."""
    parts = _split(value)
    if parts is None:
        return None
    host = parts[1].removeprefix("www.").removeprefix("m.")
    path, query = urlsplit(value).path, parse_qs(urlsplit(value).query)
    pieces = [piece for piece in path.split("/") if piece]
    if host == "youtu.be":
        return _player("https://www.youtube-nocookie.com/embed/{}", pieces[:1])
    if host in ("youtube.com", "youtube-nocookie.com"):
        named = pieces[1:2] if pieces[:1] in (["embed"], ["shorts"], ["live"]) else None
        return _player("https://www.youtube-nocookie.com/embed/{}", named or query.get("v", [])[:1])
    if host in ("vimeo.com", "player.vimeo.com"):
        return _vimeo(pieces, query)
    if host == "loom.com" and pieces[:1] in (["share"], ["embed"]):
        return _player("https://www.loom.com/embed/{}", pieces[1:2])
    return None


def embed_booking(value: str, *, name: str | None, email: str | None) -> Booking:
    """Return how a calendar is shown to a person, their name and address filled in if it can be."""
    parts = urlsplit(value)
    host = (parts.hostname or "").lower()
    provider = next(
        (
            known
            for suffix, known in _BOOKING_HOSTS.items()
            if host == suffix or host.endswith(f".{suffix}")
        ),
        None,
    )
    if provider is None:
        return Booking(None, value)
    keys = _NAME_KEYS[provider]
    filled = {key: text for key, text in zip(keys, (name, email), strict=True) if text}
    if provider == "Calendly":
        filled["hide_gdpr_banner"] = "1"
    query = {**dict(parse_qsl(parts.query)), **filled}
    return Booking(provider, urlunsplit(parts._replace(query=urlencode(query))))


def _vimeo(pieces: list[str], query: dict[str, list[str]]) -> str | None:
    numbers = [piece for piece in pieces if piece.isdigit()]
    if not numbers:
        return None
    after = pieces[pieces.index(numbers[0]) + 1 :]
    secret = query.get("h", after)[:1]
    hidden = f"&h={secret[0]}" if secret and _VIDEO_ID.fullmatch(secret[0]) else ""
    return f"https://player.vimeo.com/video/{numbers[0]}?dnt=1{hidden}"


def _player(pattern: str, found: list[str]) -> str | None:
    return pattern.format(found[0]) if found and _VIDEO_ID.fullmatch(found[0]) else None


def _split(value: str) -> tuple[str, str] | None:
    """Return scheme and host, or None for what is no address or could break out of a page."""
    if _UNSAFE.search(value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    return (parts.scheme, host.lower()) if host else None


def origin_of(url: str) -> str | None:
    """Return scheme and host of an address as a content policy names them, or None."""
    if _split(url) is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if re.fullmatch(r"[\w.:-]+", parts.netloc) else None
