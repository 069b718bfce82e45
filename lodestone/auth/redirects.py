"""Where a link or a provider may lead back to: our own address, and those of the settings."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from lodestone.platform import runtime


def allowed(target: str | None) -> str:
    """Return the target when it is allowed, else our own address: no link leads to a stranger."""
    base_url = runtime.current().base_url
    if target is None or not _is_plain(target):
        return base_url
    if _same_site(target, base_url):
        return target
    patterns = runtime.current().accounts.redirects
    return target if any(_pattern(one).fullmatch(target) for one in patterns) else base_url


def _is_plain(target: str) -> bool:
    if not target.isprintable() or "\\" in target or target.strip() != target:
        return False
    try:
        parts = urlsplit(target)
        return bool(parts.scheme) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False


def _same_site(target: str, base_url: str) -> bool:
    own, parts = urlsplit(base_url), urlsplit(target)
    return (parts.scheme, parts.netloc) == (own.scheme, own.netloc)


def _pattern(text: str) -> re.Pattern[str]:
    """Return the expression of `https://*.example.com/**`: `*` stays within a name or a step.

    In the host no wildcard takes what would end it.
    """
    scheme, mark, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    whole = {"**": r"[^/?#@:\[\]]*", "*": r"[^/.?#@:\[\]]*", "?": r"[^/.?#@:\[\]]"}
    steps = {"**": ".*", "*": r"[^/.]*", "?": "[^/.]"}
    return re.compile(_expression(scheme + mark + host, whole) + _expression(slash + path, steps))


def _expression(text: str, wildcards: Mapping[str, str]) -> str:
    parts = re.split(r"(\*\*|\*|\?)", text)
    return "".join(wildcards.get(part) or re.escape(part) for part in parts)
