"""What the storage API refuses, in the shape and with the codes that its clients know.

The HTTP status is 400 for whatever is the caller's doing, as Supabase answers it, and the exact one
is `statusCode` of the body: the clients read it there.

Source: https://supabase.com/docs/guides/storage/debugging/error-codes
"""

from typing import Any

import asyncpg

from lodestone.platform.errors import LodestoneError


class StorageError(LodestoneError):
    """A refusal; `error` is the older name of `code`, which older clients compare."""

    code = "InvalidRequest"
    status = 400

    def __init__(
        self, message: str, *, code: str, status: int = 400, error: str | None = None
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.error = error or code

    def to_json(self) -> dict[str, Any]:
        return {
            "statusCode": str(self.status),
            "error": self.error,
            "message": self.message,
            "code": self.code,
        }


def no_such_bucket() -> StorageError:
    """Say that there is no such bucket, or none that the caller sees."""
    return StorageError(
        "Bucket not found", code="NoSuchBucket", status=404, error="Bucket not found"
    )


def no_such_object() -> StorageError:
    """Say that there is no such object, or none that the caller sees."""
    return StorageError("Object not found", code="NoSuchKey", status=404, error="not_found")


def duplicate(code: str = "KeyAlreadyExists") -> StorageError:
    """Say that the name is taken."""
    return StorageError("The resource already exists", code=code, status=409, error="Duplicate")


def denied(message: str = "new row violates row-level security policy") -> StorageError:
    """Say that no policy lets the caller do this."""
    return StorageError(message, code="AccessDenied", status=403, error="Unauthorized")


def bad_token(message: str) -> StorageError:
    """Say that the key or token is not good."""
    return StorageError(message, code="InvalidJWT", status=403, error="Unauthorized")


def invalid_key(name: str) -> StorageError:
    """Say that no object can have this name."""
    return StorageError(f"Invalid key: {name}", code="InvalidKey")


def invalid_bucket_name() -> StorageError:
    """Say that no bucket can have this name."""
    return StorageError("Bucket name invalid", code="InvalidBucketName", error="Invalid Input")


def invalid_parameter(name: str, hint: str = "") -> StorageError:
    """Name what the caller gave that makes no sense."""
    return StorageError(f"Invalid Parameter {name}{hint and f': {hint}'}", code="InvalidParameter")


def too_large() -> StorageError:
    """Say that the file is larger than the bucket or the installation takes."""
    return StorageError(
        "The object exceeded the maximum allowed size",
        code="EntityTooLarge",
        status=413,
        error="Payload too large",
    )


def wrong_type(mime_type: str) -> StorageError:
    """Say that the bucket takes no files of this type."""
    return StorageError(
        f"mime type {mime_type} is not supported",
        code="InvalidMimeType",
        status=415,
        error="invalid_mime_type",
    )


def not_empty() -> StorageError:
    """Say that a bucket with files in it stays."""
    return StorageError(
        "The bucket you tried to delete is not empty", code="ResourceNotEmpty", status=409
    )


def incomplete(what: str) -> StorageError:
    """Say that the body ended before its end."""
    return StorageError(f"The body is not complete: {what}", code="InvalidRequest")


def not_supported(what: str) -> StorageError:
    """Say that this installation does not do that, which no retry changes."""
    return StorageError(what, code="NotSupported", status=501)


def from_database(error: asyncpg.PostgresError) -> StorageError:
    """Translate PostgreSQL's refusal of a bucket or an object."""
    if isinstance(error, asyncpg.InsufficientPrivilegeError):
        return denied(str(error.args[0]) if error.args else "permission denied")
    if isinstance(error, asyncpg.UniqueViolationError):
        is_bucket = error.table_name == "buckets"
        return duplicate("BucketAlreadyExists" if is_bucket else "KeyAlreadyExists")
    if isinstance(error, asyncpg.ForeignKeyViolationError | asyncpg.RestrictViolationError):
        is_held = "referenced from" in (error.detail or "")
        return not_empty() if is_held else no_such_bucket()
    if isinstance(error, asyncpg.CheckViolationError):
        return StorageError(str(error.args[0]), code="InvalidRequest")
    return StorageError("The database refused the request.", code="DatabaseError", status=500)
