"""Resend: mail one by one and in batches, sender domains, webhooks and their signatures.

What is sent carries an idempotency key, which Resend keeps for 24 hours: the same request again
sends nothing and answers alike. Nothing here is called inside a transaction.

Source: https://resend.com/docs/api-reference, https://docs.svix.com/receiving/verifying-payloads/how-manual
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from lodestone.platform import httpclient
from lodestone.platform.errors import LodestoneError, Unavailable
from lodestone.platform.mail import Mail

Json = dict[str, Any]

LARGEST_BATCH = 100
SIGNATURE_SECONDS = 300
_QUOTA_SECONDS = 3600.0


class ResendUnavailable(Unavailable):
    """Resend does not answer, or can't for now; the same request may be made again."""

    code = "resend_unavailable"


class ResendBusy(ResendUnavailable):
    """Resend asks us to wait `wait_seconds`."""

    code = "resend_busy"

    def __init__(self, message: str, *, wait_seconds: float) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class ResendKeyRefused(LodestoneError):
    """Resend does not take this key, or not for this sender."""

    code = "resend_key_refused"
    status = 502


class ResendRefused(LodestoneError):
    """Resend understood, and refused for good; `reason` is its word for it.

    `was_other` says that the idempotency key belongs to an earlier request of other content.
    """

    code = "EXTERNAL_SERVICE_ERROR"
    status = 502

    def __init__(self, message: str, *, reason: str, was_other: bool = False) -> None:
        super().__init__(message, details={"reason": reason})
        self.reason = reason
        self.was_other = was_other


class BadSignature(LodestoneError):
    """Not from Resend, or not from now."""

    code = "bad_signature"
    status = 401


@dataclass(frozen=True, slots=True)
class Accepted:
    """The ids of mails that were taken, in their order; `wait_seconds` until more may be asked."""

    ids: tuple[str, ...]
    wait_seconds: float


@dataclass(frozen=True, slots=True)
class SenderDomain:
    """A domain to send from; `records` are to be set where its names are kept."""

    id: str
    name: str
    status: str
    region: str
    records: tuple[Json, ...]

    @classmethod
    def of(cls, given: Json) -> Self:
        """Read Resend's answer. Raises ResendRefused when it is not one."""
        try:
            return cls(
                id=str(given["id"]),
                name=str(given["name"]),
                status=str(given["status"]),
                region=str(given.get("region", "")),
                records=tuple(given.get("records") or ()),
            )
        except (KeyError, TypeError) as error:
            raise ResendRefused("Resend's answer is not whole.", reason="unreadable") from error


class Resend:
    """One account, by its key."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    @classmethod
    def of(cls, key: str, *, base_url: str, timeout_seconds: float) -> Self:
        """Return a client of the account with the key; the caller closes it."""
        return cls(
            httpclient.open_client(
                base_url=base_url,
                headers={"Authorization": f"Bearer {key}"},
                read_seconds=timeout_seconds,
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send_mails(self, mails: Sequence[Mail], *, idempotency_key: str) -> Accepted:
        """Send up to a hundred mails, all or none. Raises the errors above."""
        if len(mails) == 1:
            answer = await self._post("/emails", _mail(mails[0]), idempotency_key)
            found = [answer.json()]
        else:
            answer = await self._post("/emails/batch", [*map(_mail, mails)], idempotency_key)
            found = _object(answer).get("data", [])
        try:
            ids = tuple(str(one["id"]) for one in found)
        except (KeyError, TypeError) as error:
            raise ResendUnavailable("Resend's answer is not whole.") from error
        if len(ids) != len(mails):
            raise ResendUnavailable("Resend answered for another number of mails.")
        return Accepted(ids, _wait_after(answer))

    async def add_domain(
        self,
        name: str,
        *,
        region: str = "us-east-1",
        takes_verified: bool,
        known_id: str | None = None,
    ) -> SenderDomain:
        """Register a domain to send from, or return the one that is registered already.

        Without `takes_verified` one that somebody has shown to be theirs is refused, save that of
        `known_id`: an account that several share says nothing of whose it is. Raises ResendRefused.
        """
        try:
            answer = await self._ask("POST", "/domains", {"name": name, "region": region})
        except ResendRefused:
            for found in await self.list_domains():
                may_take = takes_verified or found.status != "verified" or found.id == known_id
                if found.name == name and may_take:
                    return await self.get_domain(found.id)
            raise
        return SenderDomain.of(_object(answer))

    async def list_domains(self) -> list[SenderDomain]:
        """Return the account's domains, without their records."""
        answer = await self._ask("GET", "/domains")
        return [SenderDomain.of(one) for one in _object(answer).get("data", [])]

    async def get_domain(self, domain_id: str) -> SenderDomain:
        """Return a domain with its records."""
        return SenderDomain.of(_object(await self._ask("GET", f"/domains/{domain_id}")))

    async def verify_domain(self, domain_id: str) -> None:
        """Have Resend look at the records; what it finds shows a while later."""
        await self._ask("POST", f"/domains/{domain_id}/verify")

    async def remove_domain(self, domain_id: str) -> None:
        """Remove a domain; one that is gone is gone."""
        try:
            await self._ask("DELETE", f"/domains/{domain_id}")
        except ResendRefused as refusal:
            if refusal.reason != "not_found":
                raise

    async def _post(self, path: str, body: Any, key: str) -> httpx.Response:
        return await self._ask("POST", path, body, headers={"Idempotency-Key": key})

    async def _ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        options: dict[str, Any] = {} if body is None else {"json": body}
        try:
            answer = await httpclient.send(
                self._client, method, path, headers=dict(headers or {}), **options
            )
        except httpx.TransportError as error:
            raise ResendUnavailable(f"Resend does not answer: {type(error).__name__}.") from error
        _refuse(answer)
        return answer


def _refuse(answer: httpx.Response) -> None:
    """Raise what an answer means unless it is good.

    Source: https://resend.com/docs/api-reference/errors
    """
    status = answer.status_code
    if status < 300:
        return
    reason, message = _reason(answer)
    if status == 429:
        wait = httpclient.retry_after_seconds(answer) or _wait_after(answer)
        if "quota" in reason:
            wait = max(wait, _QUOTA_SECONDS)
        raise ResendBusy(f"Resend asks to wait: {message}", wait_seconds=wait or 1.0)
    if status == 409 and reason == "concurrent_idempotent_requests":
        raise ResendUnavailable("Resend is at this very request.")
    if status in (401, 403):
        raise ResendKeyRefused(f"Resend refuses the key: {message}")
    if status >= 500 or status == 408:
        raise ResendUnavailable(f"Resend can't for now: {status}.")
    raise ResendRefused(
        f"Resend refused: {message}",
        reason=reason,
        was_other=reason == "invalid_idempotent_request",
    )


def _reason(answer: httpx.Response) -> tuple[str, str]:
    try:
        found = answer.json()
        return str(found.get("name", "")), str(found.get("message", ""))[:300]
    except (ValueError, AttributeError):
        return "", f"status {answer.status_code}"


def _wait_after(answer: httpx.Response) -> float:
    """Return how long to leave the account alone, in seconds.

    Source: https://resend.com/docs/api-reference/rate-limit
    """
    remaining = answer.headers.get("ratelimit-remaining", "")
    reset = answer.headers.get("ratelimit-reset", "")
    return float(reset) if remaining == "0" and reset.isdecimal() else 0.0


def _object(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError as error:
        raise ResendUnavailable("Resend's answer can't be read.") from error
    if not isinstance(found, dict):
        raise ResendUnavailable("Resend's answer can't be read.")
    return found


def _mail(mail: Mail) -> Json:
    found: Json = {
        "from": mail.from_,
        "to": [mail.to],
        "subject": mail.subject,
        "text": mail.text,
        "headers": dict(mail.headers),
    }
    if mail.html is not None:
        found["html"] = mail.html
    if mail.reply_to is not None:
        found["reply_to"] = mail.reply_to
    return found


def verify(
    body: bytes, headers: Mapping[str, str], *, secret: str, now: datetime
) -> tuple[str, Json]:
    """Return the id and the content of a webhook. Raises BadSignature.

    Source: https://docs.svix.com/receiving/verifying-payloads/how-manual
    """
    event_id, at = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    if not event_id or len(event_id) > 200 or not at.isdecimal() or len(at) > 12:
        raise BadSignature("This is not signed by Resend.")
    if abs(now.timestamp() - int(at)) > SIGNATURE_SECONDS:
        raise BadSignature("This was signed too long ago.")
    signed = b".".join((event_id.encode(), at.encode(), body))
    good = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    given = headers.get("svix-signature", "").split(" ")
    if not any(_is_signature(one, good) for one in given):
        raise BadSignature("This is not signed by Resend.")
    try:
        content = json.loads(body)
    except ValueError:
        raise BadSignature("This is not JSON.") from None
    if not isinstance(content, dict):
        raise BadSignature("This is not a report of Resend's.")
    return event_id, content


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise Unavailable("The signing secret of Resend's webhook is not one.") from None


def is_signing_secret(secret: str) -> bool:
    """Say whether a text has the form of a webhook's signing secret."""
    try:
        return secret.startswith("whsec_") and len(base64.b64decode(secret[6:], validate=True)) > 15
    except (ValueError, binascii.Error):
        return False


def _is_signature(given: str, good: bytes) -> bool:
    version, _, text = given.partition(",")
    try:
        return version == "v1" and hmac.compare_digest(base64.b64decode(text), good)
    except (ValueError, binascii.Error):
        return False
