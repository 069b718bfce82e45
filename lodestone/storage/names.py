"""What buckets and objects may be called, and what a bucket takes. No I/O."""

import re
from collections.abc import Sequence

from lodestone.storage.errors import (
    StorageError,
    invalid_bucket_name,
    invalid_key,
    invalid_parameter,
    wrong_type,
)

LONGEST_NAME = 1024
"""In bytes; S3 takes no more either."""

_BUCKET = re.compile(r"[\w!.*'() &$@=;:+,?-]{1,100}")
_OBJECT = re.compile(r"[\w/!.*'() &$@=;:+,?-]+")
_RESERVED = frozenset(
    ("authenticated", "copy", "info", "list", "list-v2", "move", "public", "sign", "upload")
)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)(gb|mb|kb|b)", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000}
_MIME = re.compile(r"[\w.+-]+/(?:\*|[\w.+-]+)")


def check_bucket_name(name: object) -> str:
    """Return the name. Raises StorageError when no bucket can have it."""
    if not isinstance(name, str) or not _BUCKET.fullmatch(name):
        raise invalid_bucket_name()
    # Addresses of objects start with the bucket; these words already lead elsewhere.
    if name in _RESERVED or name in (".", "..") or name != name.strip():
        raise invalid_bucket_name()
    return name


def check_object_name(name: object) -> str:
    """Return the name. Raises StorageError when it is empty, too long, or climbs out of folders."""
    if not isinstance(name, str) or not _OBJECT.fullmatch(name):
        raise invalid_key(name if isinstance(name, str) else "")
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or len(name.encode()) > LONGEST_NAME:
        raise invalid_key(name)
    return name


def read_size(given: object) -> int | None:
    """Return a limit in bytes, from a number or from text like 20MB. Raises StorageError."""
    if given is None:
        return None
    if isinstance(given, int | float) and not isinstance(given, bool) and given >= 0:
        return int(given) or None
    if isinstance(given, str):
        if given.isascii() and given.isdigit():
            return int(given) or None
        found = _SIZE.fullmatch(given)
        if found:
            return int(float(found[1]) * _UNITS[found[2].lower()])
    raise StorageError(
        "Invalid file size format, hint: use 20GB / 20MB / 30KB / 3B", code="InvalidRequest"
    )


def read_mime_types(given: object) -> list[str] | None:
    """Return what a bucket takes, None for everything. Raises StorageError."""
    if given is None:
        return None
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise invalid_parameter("allowed_mime_types", "give a list like ['image/png', 'image/*']")
    for each in given:
        if each != "*" and not _MIME.fullmatch(each):
            raise wrong_type(each)
    return given or None


def plain_type(mime_type: str) -> str:
    """Return a MIME type without its parameters."""
    return mime_type.partition(";")[0].strip().lower()


def is_allowed(mime_type: str, allowed: Sequence[str] | None) -> bool:
    """Say whether a bucket that takes these types takes this one."""
    if not allowed:
        return True
    plain = plain_type(mime_type)
    family = plain.partition("/")[0]
    wanted = {plain_type(each) for each in allowed}
    return bool(wanted & {plain, f"{family}/*", "*/*", "*"})
