"""Which sites' players may stand in a page, and the address of each player.

Sources: https://developers.google.com/youtube/player_parameters,
https://help.vimeo.com/hc/en-us/articles/12426259908881, https://support.loom.com/hc/en-us
"""

import re
from urllib.parse import parse_qs, urlsplit

PLAYERS = ("https://www.youtube-nocookie.com", "https://player.vimeo.com", "https://www.loom.com")
"""What a content page may frame; nothing else is."""

_NAMES = {
    "youtube": "YouTube",
    "vimeo": "Vimeo",
    "loom": "Loom",
}
_ID = re.compile(r"[A-Za-z0-9_-]{4,64}")
_HOSTS = {
    "youtu.be": "youtube",
    "youtube.com": "youtube",
    "m.youtube.com": "youtube",
    "youtube-nocookie.com": "youtube",
    "vimeo.com": "vimeo",
    "player.vimeo.com": "vimeo",
    "loom.com": "loom",
}


def find_provider(url: str) -> str | None:
    """Return `youtube`, `vimeo` or `loom` for the address of a video there, else None."""
    found = _read(url)
    return found[0] if found else None


def find_player(url: str) -> str | None:
    """Return the address of the player for a video, None for anything else."""
    found = _read(url)
    if found is None:
        return None
    provider, identifier = found
    if provider == "youtube":
        return f"{PLAYERS[0]}/embed/{identifier}"
    if provider == "vimeo":
        return f"{PLAYERS[1]}/video/{identifier}?dnt=1"
    return f"{PLAYERS[2]}/embed/{identifier}"


def provider_name(url: str) -> str:
    """Return how the site of an address is called: its brand when known, else its host."""
    provider = find_provider(url)
    if provider:
        return _NAMES[provider]
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _read(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    provider = _HOSTS.get(host)
    if provider is None or parts.scheme not in {"https", "http"} or re.search(r"\s", url):
        return None
    steps = [step for step in parts.path.split("/") if step]
    watched = parse_qs(parts.query).get("v", [""])[0]
    is_short = host == "youtu.be" or provider == "vimeo" or len(steps) > 1
    identifier = watched or (steps[-1] if steps and is_short else "")
    if provider == "vimeo" and not identifier.isdecimal():
        return None
    return (provider, identifier) if _ID.fullmatch(identifier) else None
