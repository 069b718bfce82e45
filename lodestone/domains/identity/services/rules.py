"""How a service's call is signed."""

import hashlib
import hmac
import re

from lodestone.platform.errors import InvalidInput

MOST_AGE_SECONDS = 300
MOST_BODY_BYTES = 64 * 1024
CALLS_PER_MINUTE = 120
TRIES_PER_MINUTE = 240
OVERLAP_HOURS = 24

_SERVICE_ID = re.compile(r"[a-z][a-z0-9_-]{1,62}")


def sign(secret: str, *, method: str, path: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request, as hexadecimal HMAC-SHA256."""
    signed = f"{method}.{path}.{timestamp}.".encode() + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed_by(
    secret: str, signature: str, *, method: str, path: str, timestamp: str, body: bytes
) -> bool:
    """Say whether the secret made the signature, taking the same time for any wrong one."""
    expected = sign(secret, method=method, path=path, timestamp=timestamp, body=body)
    return hmac.compare_digest(expected.encode(), signature.encode())


def is_recent(timestamp: str, *, now: float) -> bool:
    """Say whether Unix seconds lie within the window around `now`."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now) <= MOST_AGE_SECONDS


def clean_service_id(service_id: str) -> str:
    """Return a service's name as it is kept. Raises: InvalidInput."""
    name = service_id.strip().lower()
    if not _SERVICE_ID.fullmatch(name):
        sentence = "Use 2 to 63 small letters, digits, - or _, and begin with a letter."
        raise InvalidInput(sentence, fields={"service_id": sentence})
    return name


def team_name(*, company: str | None, full_name: str) -> str:
    """Return what the team of a new account is called."""
    return company or f"{full_name}'s Team"
