"""The one error family: each error knows its code, HTTP status and what to tell the caller.

The JSON shape is PostgREST's, `{"code", "message", "details", "hint"}`, everywhere.
"""

import json
from collections.abc import Mapping
from typing import Any

import asyncpg


class LodestoneError(Exception):
    """An outcome that the caller is told about; everything else is a defect.

    The message is one plain sentence for a person; `details` is for machines and may be any JSON.
    """

    code = "internal_error"
    status = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        details: Any = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.details = details
        self.hint = hint

    def to_json(self) -> dict[str, Any]:
        """Return the body of the answer, in PostgREST's shape."""
        return {
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "hint": self.hint,
        }


class InvalidInput(LodestoneError):
    """Bad input, each field named: `details` is `{"fields": {name: sentence}}`."""

    code = "invalid_input"
    status = 422

    def __init__(
        self, message: str, *, fields: Mapping[str, str] | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, details={"fields": dict(fields or {})}, hint=hint)
        self.fields = dict(fields or {})


class Unauthorized(LodestoneError):
    """Nobody is signed in, or the credentials are wrong."""

    code = "unauthorized"
    status = 401


class Forbidden(LodestoneError):
    """Known, and refused."""

    code = "forbidden"
    status = 403


class UpgradeNeeded(Forbidden):
    """Not part of the plan of whoever pays; `upgrade` is where a larger one is chosen."""

    def __init__(self, message: str, *, details: Any, hint: str | None = None) -> None:
        super().__init__(message, details=details, hint=hint)
        self.upgrade = str(details["upgrade"])

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "upgrade": self.upgrade}


class UsageLimitExceeded(UpgradeNeeded):
    """The plan holds `limit` of it, and `current` are there already."""

    code = "USAGE_LIMIT_EXCEEDED"

    def __init__(self, message: str, *, details: Any, hint: str | None = None) -> None:
        super().__init__(message, details=details, hint=hint)
        self.current = int(details["current"])
        self.limit = int(details["limit"])

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "current": self.current, "limit": self.limit}


class NotFound(LodestoneError):
    """Missing, or invisible to this actor, which is the same answer."""

    code = "not_found"
    status = 404


class Conflict(LodestoneError):
    """The state of things forbids it: taken, already done, changed meanwhile."""

    code = "conflict"
    status = 409


class RateLimited(LodestoneError):
    """Too often; `retry_after_seconds` says when to come back."""

    code = "rate_limited"
    status = 429

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        super().__init__(message, details={"retry_after_seconds": retry_after_seconds})
        self.retry_after_seconds = retry_after_seconds


class Unavailable(LodestoneError):
    """A part that is not configured, or an outside service that is down."""

    code = "unavailable"
    status = 503


BEYOND_PLAN = "LS402"
"""What `access.take_of_plan` raises, its details as JSON."""

_STATUS_BY_SQLSTATE = {
    "23505": 409,  # unique_violation
    "23P01": 409,  # exclusion_violation
    "23503": 409,  # foreign_key_violation
    "23001": 409,  # restrict_violation: what PostgreSQL 18 says of "on delete restrict"
    "23502": 422,  # not_null_violation
    "23514": 422,  # check_violation
    "42501": 403,  # insufficient_privilege
    "22P02": 422,  # invalid_text_representation
    "22001": 422,  # string_data_right_truncation
    "22021": 422,  # character_not_in_repertoire: the character 0 in a text
    "22P05": 422,  # untranslatable_character: the same in JSON
    "25006": 403,  # read_only_sql_transaction: somebody looks with another's eyes
    BEYOND_PLAN: 403,
    "LS403": 403,  # refused by a rule of ours about who may
    "LS409": 409,  # refused by a state machine or an invariant of ours
    "LS429": 429,  # more often than a limit of ours allows
    "40001": 409,  # serialization_failure
    "40P01": 409,  # deadlock_detected
    "55P03": 409,  # lock_not_available
    "57014": 504,  # query_canceled
}


def from_postgres(error: asyncpg.PostgresError) -> LodestoneError:
    """Translate a database refusal into the answer for the caller, without echoing row values.

    Source: https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    sqlstate = error.sqlstate or "XX000"
    status = _STATUS_BY_SQLSTATE.get(sqlstate, 500)
    if status == 500:
        return LodestoneError("The database refused the request.", code=sqlstate)
    if sqlstate == BEYOND_PLAN and error.detail:
        details = json.loads(error.detail)
        kind = UpgradeNeeded if details["period"] == "feature" else UsageLimitExceeded
        return kind(str(error.args[0]), details=details, hint=error.hint)
    named = {
        key: value
        for key in ("table_name", "column_name", "constraint_name")
        if (value := getattr(error, key, None))
    }
    message = error.args[0] if error.args else "The database refused the request."
    return LodestoneError(
        str(message), code=sqlstate, status=status, details=named or None, hint=error.hint
    )
