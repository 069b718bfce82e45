"""Signed addresses: good for one object and one act, until a time."""

import json
from datetime import UTC, datetime, timedelta

from lodestone.platform import runtime
from lodestone.platform.secrets import BadToken, ExpiredToken
from lodestone.storage.errors import StorageError, invalid_parameter
from lodestone.storage.models import NewFile, Place

UPLOAD_SECONDS = 7_200
LONGEST_SECONDS = 10 * 366 * 86_400

_DOWNLOAD = "storage:download"
_UPLOAD = "storage:upload"


def sign_download(place: Place, *, seconds: int) -> str:
    """Return a token to read one object. Raises StorageError for a time that makes no sense."""
    if not 0 < seconds <= LONGEST_SECONDS:
        raise invalid_parameter("expiresIn", "give a number of seconds")
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
    # The time stands inside as well: the answer tells browsers how long to keep it.
    value = json.dumps([place.bucket_id, place.name, int(expires_at.timestamp())])
    return runtime.current().secrets.sign(_DOWNLOAD, value, expires_at=expires_at)


def verify_download(token: str, place: Place) -> datetime:
    """Return until when the token opens the object. Raises StorageError when it doesn't."""
    bucket_id, name, expires_at = json.loads(_verified(_DOWNLOAD, token))
    if (bucket_id, name) != (place.bucket_id, place.name):
        raise _invalid()
    return datetime.fromtimestamp(expires_at, UTC)


def sign_upload(place: Place, *, owner_id: str | None, is_upsert: bool) -> str:
    """Return a token to store one object in the name of whoever asked for it."""
    expires_at = datetime.now(UTC) + timedelta(seconds=UPLOAD_SECONDS)
    value = json.dumps([place.bucket_id, place.name, owner_id, is_upsert])
    return runtime.current().secrets.sign(_UPLOAD, value, expires_at=expires_at)


def verify_upload(token: str, place: Place) -> NewFile:
    """Return whose file it will be. Raises StorageError when the token is not for this object."""
    bucket_id, name, owner_id, is_upsert = json.loads(_verified(_UPLOAD, token))
    if (bucket_id, name) != (place.bucket_id, place.name):
        raise _invalid()
    return NewFile(place, owner_id=owner_id, is_upsert=is_upsert)


def _verified(purpose: str, token: str) -> str:
    try:
        return runtime.current().secrets.verify(purpose, token)
    except ExpiredToken:
        raise StorageError(
            '"exp" claim timestamp check failed', code="InvalidJWT", error="InvalidJWT"
        ) from None
    except BadToken:
        raise _invalid() from None


def _invalid() -> StorageError:
    return StorageError("Invalid signature", code="InvalidSignature", error="InvalidSignature")
