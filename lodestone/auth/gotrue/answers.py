"""Accounts and sessions as GoTrue's clients read them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4, uuid5

from starlette.responses import JSONResponse, RedirectResponse, Response

from lodestone.auth.clients.models import ClientTokens
from lodestone.auth.users.models import Account

AUDIENCE = "authenticated"
_NO_STORE = {"cache-control": "no-store"}


def answer(body: Any, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return a good answer, which nobody may keep."""
    return JSONResponse(body, headers={**_NO_STORE, **(headers or {})})


def session_body(tokens: ClientTokens) -> dict[str, Any]:
    """Return what a client keeps of a session."""
    body = {
        "access_token": tokens.access_token,
        "token_type": "bearer",
        "expires_in": tokens.expires_in,
        "expires_at": tokens.expires_at,
        "refresh_token": tokens.refresh_token,
        "user": user_body(tokens.account),
    }
    if tokens.provider_token:
        body["provider_token"] = tokens.provider_token
    if tokens.provider_refresh_token:
        body["provider_refresh_token"] = tokens.provider_refresh_token
    return body


def user_body(account: Account) -> dict[str, Any]:
    """Return an account, with what has not happened left out."""
    times = {
        "confirmation_sent_at": account.confirmation_sent_at,
        "recovery_sent_at": account.recovery_sent_at,
        "reauthentication_sent_at": account.reauthentication_sent_at,
        "email_change_sent_at": account.email_change_sent_at,
        "invited_at": account.invited_at,
        "last_sign_in_at": account.last_sign_in_at,
        "banned_until": account.banned_until,
        "deleted_at": account.deleted_at,
        "email_confirmed_at": account.email_verified_at,
        "confirmed_at": account.email_verified_at,
    }
    body: dict[str, Any] = {
        "id": str(account.id),
        "aud": AUDIENCE,
        "role": AUDIENCE,
        "email": account.email,
        "phone": "",
        "app_metadata": account.app_metadata,
        "user_metadata": account.user_metadata,
        "identities": _identities(account),
        "created_at": moment(account.created_at),
        "updated_at": moment(account.updated_at),
        "is_anonymous": False,
        **{name: moment(value) for name, value in times.items() if value is not None},
    }
    if account.new_email:
        body["new_email"] = account.new_email
    if account.factors:
        body["factors"] = account.factors
    return body


def unconfirmed_body(
    *, user_id: UUID | None, email: str, metadata: dict[str, Any]
) -> dict[str, Any]:
    """Return the account of a sign-up that waits for its mail.

    It is made of what the client sent, alike for an address that has an account and one that has
    none: with no id it gets one that nobody has.
    """
    now = moment(datetime.now(UTC))
    shown = user_id or uuid4()
    return {
        "id": str(shown),
        "aud": AUDIENCE,
        "role": AUDIENCE,
        "email": email,
        "phone": "",
        "confirmation_sent_at": now,
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": metadata,
        "identities": [_email_identity(shown, email, now=now, is_verified=False)],
        "created_at": now,
        "updated_at": now,
        "is_anonymous": False,
    }


def _identities(account: Account) -> list[dict[str, Any]]:
    found = list(account.identities)
    if "email" in account.app_metadata.get("providers", ()) or account.password_hash:
        own = _email_identity(
            account.id,
            account.email,
            now=moment(account.created_at),
            is_verified=account.email_verified_at is not None,
        )
        found.insert(0, own)
    return found


def _email_identity(user_id: UUID, email: str, *, now: str, is_verified: bool) -> dict[str, Any]:
    """Return the way in by address, which the account itself is: it has no row of its own."""
    return {
        "identity_id": str(uuid5(user_id, "email")),
        "id": str(user_id),
        "user_id": str(user_id),
        "identity_data": {
            "sub": str(user_id),
            "email": email,
            "email_verified": is_verified,
            "phone_verified": False,
        },
        "provider": "email",
        "email": email,
        "last_sign_in_at": now,
        "created_at": now,
        "updated_at": now,
    }


def moment(value: datetime) -> str:
    """Write a time as GoTrue does: UTC, with microseconds and a Z."""
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def led_with_tokens(target: str, tokens: ClientTokens, *, kind: str | None = None) -> Response:
    """Send the browser on with the session behind the `#`, which no server sees."""
    values = {
        "access_token": tokens.access_token,
        "expires_at": str(tokens.expires_at),
        "expires_in": str(tokens.expires_in),
        "refresh_token": tokens.refresh_token,
        "token_type": "bearer",
    }
    if tokens.provider_token:
        values["provider_token"] = tokens.provider_token
    if tokens.provider_refresh_token:
        values["provider_refresh_token"] = tokens.provider_refresh_token
    if kind:
        values["type"] = kind
    return _led(target, fragment=values)


def led_with_code(target: str, code: str) -> Response:
    """Send the browser on with a code, which the client redeems."""
    return _led(target, query={"code": code})


def led_with_error(target: str, told: dict[str, str]) -> Response:
    """Send the browser on with what went wrong, where both kinds of clients look."""
    return _led(target, query=told, fragment=told)


def led_with_message(target: str, message: str) -> Response:
    """Send the browser on with a word for the person."""
    return _led(target, fragment={"message": message})


def _led(
    target: str,
    *,
    query: dict[str, str] | None = None,
    fragment: dict[str, str] | None = None,
) -> Response:
    parts = urlsplit(target)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    pairs = [pair for pair in pairs if pair[0] not in (query or {})]
    whole = parts._replace(
        query=urlencode([*pairs, *(query or {}).items()]),
        fragment=urlencode(fragment) if fragment else "",
    )
    headers = {**_NO_STORE, "referrer-policy": "no-referrer"}
    return RedirectResponse(urlunsplit(whole), status_code=303, headers=headers)
