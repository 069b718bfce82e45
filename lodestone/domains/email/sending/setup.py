"""The use cases of setting mail up: sender, key, domain, caps and switches."""

import re
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import BaseModel, Field, field_validator, model_validator

from lodestone.connectors import resend
from lodestone.domains.email.sending import rules
from lodestone.domains.email.sending.carriers import resend_client
from lodestone.domains.email.sending.models import Account
from lodestone.domains.email.sending.queries import setup as queries
from lodestone.domains.email.sending.service import KEY_CONTEXT, find_account
from lodestone.domains.email.subscribers import service as subscribers
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.errors import Conflict, Forbidden, InvalidInput

SIGNING_CONTEXT = "email_settings.resend_webhook_secret"
PLACEHOLDER = f"noreply@{rules.PLACEHOLDER_DOMAIN}"

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LONGEST_KEY = 200


class SendingSettings(BaseModel):
    """How a workspace's mail goes out, as its form sends it."""

    is_active: bool = False
    from_name: str | None = Field(default=None, max_length=100)
    from_email: str = PLACEHOLDER
    reply_to_email: str | None = None
    postal_address: str | None = Field(default=None, max_length=300)
    ps_template: str | None = Field(default=None, max_length=2000)
    append_ps_to_flows: bool = False
    send_time: str = Field(default="10:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    timezone: str = "America/Los_Angeles"
    frequency_cap: int | None = Field(default=None, ge=1, le=100)
    frequency_days: int = Field(default=7, ge=1, le=90)
    is_warming_up: bool = False
    daily_cap: int | None = Field(default=None, ge=1, le=10_000_000)
    tracks_opens: bool = False
    tracks_clicks: bool = False

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:
        if isinstance(given, dict):
            return {name: value for name, value in given.items() if value not in ("", None)}
        return given

    @field_validator("from_name", "postal_address", "ps_template")
    @classmethod
    def _storable(cls, value: str | None) -> str | None:
        if value is not None and "\x00" in value:
            raise ValueError("This holds a sign that can't be stored.")
        return value

    @field_validator("from_name")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and any(sign in value for sign in "\r\n"):
            raise ValueError("This is one line.")
        return value

    @field_validator("from_email", "reply_to_email")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None or value == PLACEHOLDER:
            return value
        try:
            return validate_email(value.strip(), check_deliverability=False).ascii_email
        except EmailNotValidError:
            raise ValueError("This is not an e-mail address.") from None

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("Choose a time zone.")
        return value

    @model_validator(mode="after")
    def _has_sender(self) -> Self:
        if self.is_active and self.from_email.endswith(f"@{rules.PLACEHOLDER_DOMAIN}"):
            self.is_active = False
        return self


@dataclass(frozen=True, slots=True)
class Setup:
    """What the settings' page shows; `carrier` says who takes the mail, and `domain` its state."""

    settings: SendingSettings
    has_row: bool
    carrier: str
    key_suffix: str | None
    paused_reason: str | None
    has_signing_secret: bool
    hook_url: str
    sender: str
    domain: dict[str, Any] | None = None
    may_change: bool = True
    problems: list[str] = field(default_factory=list)


async def read_setup(scope: Scope) -> Setup:
    """Return how the workspace's mail is set up. Raises NotFound without a list."""
    actor, team_id, tenant_id = await subscribers.acting_for(scope)
    async with runtime.acting_as(actor, readonly=True) as tx:
        row = await queries.find_settings(tx, tenant_id=tenant_id)
        has_secret = await queries.has_signing_secret(tx, tenant_id=tenant_id)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        domain = await queries.find_domain(tx, team_id=team_id)
    account = await find_account(team_id=team_id, tenant_id=tenant_id)
    given = {} if row is None else dict(row)
    given["is_warming_up"] = given.get("warmup_started_on") is not None
    known = {name: given[name] for name in SendingSettings.model_fields if name in given}
    settings = SendingSettings.model_construct(
        **{**SendingSettings().model_dump(), "tracks_opens": True, "tracks_clicks": True, **known}
    )
    sender = rules.choose_sender(account, platform_from=runtime.current().mail_from)
    return Setup(
        settings=settings,
        has_row=row is not None,
        carrier=_carrier(account),
        key_suffix=given.get("resend_key_suffix"),
        paused_reason=account.paused_reason,
        has_signing_secret=has_secret,
        hook_url=f"{runtime.current().base_url}/hooks/resend/{tenant_id}",
        sender=sender.from_,
        domain=None if domain is None else dict(domain),
        may_change=scope.is_owner,
        problems=_problems(account, has_row=row is not None),
    )


def _carrier(account: Account) -> str:
    if account.is_own:
        return "own"
    if account.key:
        return "resend"
    return "server" if type(runtime.current().mailer).__name__ == "SmtpMailer" else "directory"


def _problems(account: Account, *, has_row: bool) -> list[str]:
    problems = []
    if account.paused_reason is not None:
        problems.append(f"Sending stands still. {account.paused_reason}")
    if has_row and not account.is_on:
        problems.append("Broadcasts and series wait, since sending is switched off.")
    if not account.postal_address:
        problems.append("Most countries ask for a postal address in every marketing mail.")
    return problems


async def save_settings(*, scope: Scope, given: SendingSettings) -> None:
    """Keep the workspace's settings. Raises Forbidden for others than the owner."""
    tenant_id, actor = await _owner(scope)
    async with runtime.acting_as(actor) as tx:
        await queries.upsert_settings(tx, tenant_id=tenant_id, values=given.model_dump())


async def connect_key(*, scope: Scope, key: str) -> None:
    """Use a Resend account of the workspace's own, once Resend takes its key.

    Raises InvalidInput when it does not; ResendUnavailable.
    """
    tenant_id, actor = await _owner(scope)
    key = key.strip()
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise InvalidInput("This is no key.", fields={"key": "Paste the key from Resend."})
    try:
        async with resend_client(key) as client:
            await client.list_domains()
    except (resend.ResendKeyRefused, resend.ResendRefused) as refusal:
        raise InvalidInput("Resend refuses this key.", fields={"key": refusal.message}) from refusal
    sealed = runtime.current().secrets.encrypt(key, context=KEY_CONTEXT)
    async with runtime.acting_as(actor) as tx:
        await queries.set_key(tx, tenant_id=tenant_id, sealed=sealed, suffix=key[-4:])


async def disconnect_key(*, scope: Scope) -> None:
    """Go back to the installation's way of sending."""
    tenant_id, actor = await _owner(scope)
    async with runtime.acting_as(actor) as tx:
        await queries.set_key(tx, tenant_id=tenant_id, sealed=None, suffix=None)
        await queries.set_signing_secret(tx, tenant_id=tenant_id, sealed=None)


async def keep_signing_secret(*, scope: Scope, secret: str) -> None:
    """Keep what signs the reports of the workspace's own account. Raises InvalidInput."""
    tenant_id, actor = await _owner(scope)
    secret = secret.strip()
    if not resend.is_signing_secret(secret):
        raise InvalidInput(
            "This is no signing secret.", fields={"secret": "It begins with whsec_."}
        )
    sealed = runtime.current().secrets.encrypt(secret, context=SIGNING_CONTEXT)
    async with runtime.acting_as(actor) as tx:
        await queries.set_signing_secret(tx, tenant_id=tenant_id, sealed=sealed)


async def add_domain(*, scope: Scope, name: str) -> None:
    """Register a domain to send from. Raises InvalidInput, Conflict, ResendUnavailable."""
    await _owner(scope)
    name = name.strip().lower().removeprefix("https://").strip("/")
    if not _DOMAIN.fullmatch(name) or len(name) > 253:
        raise InvalidInput("This is no domain.", fields={"domain": "For example news.acme.com."})
    _, team_id, account = await _domain_account(scope)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        known = await queries.find_domain(tx, team_id=team_id)
    if known is not None and known["domain"] != name:
        raise Conflict("Remove the domain that is there first.")
    known_id = None if known is None else known["resend_domain_id"]
    try:
        async with resend_client(account.key) as client:
            found = await client.add_domain(name, takes_verified=account.is_own, known_id=known_id)
    except resend.ResendRefused as refusal:
        sentence = "Resend does not take this domain, or it is in use."
        raise InvalidInput(sentence, fields={"domain": sentence}) from refusal
    await _keep_domain(scope, team_id, found)


async def check_domain(*, scope: Scope) -> str:
    """Have the provider look at the domain's records; return what is known of it by now."""
    await _owner(scope)
    domain_id, team_id, account = await _domain_account(scope)
    if domain_id is None:
        raise Conflict("There is no domain to check.")
    async with resend_client(account.key) as client:
        await client.verify_domain(domain_id)
        found = await client.get_domain(domain_id)
    return await _keep_domain(scope, team_id, found)


async def remove_domain(*, scope: Scope) -> None:
    """Remove the domain, at the provider first, so that nothing is left there unseen."""
    _, _ = await _owner(scope)
    domain_id, team_id, account = await _domain_account(scope)
    if domain_id is not None:
        async with resend_client(account.key) as client:
            await client.remove_domain(domain_id)
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=scope.user_id)) as tx:
        await queries.delete_domain(tx, team_id=team_id)


async def _keep_domain(scope: Scope, team_id: UUID, found: resend.SenderDomain) -> str:
    status = {"verified": "verified", "failed": "failed"}.get(found.status, "pending")
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=scope.user_id)) as tx:
        await queries.upsert_domain(
            tx,
            team_id=team_id,
            domain=found.name.lower(),
            resend_domain_id=found.id,
            status=status,
            records=list(found.records),
            region=found.region or "us-east-1",
        )
    return status


async def _domain_account(scope: Scope) -> tuple[str | None, UUID, Account]:
    _, team_id, tenant_id = await subscribers.acting_for(scope)
    account = await find_account(team_id=team_id, tenant_id=tenant_id)
    if not account.key:
        raise Conflict("Connect a Resend account first: it looks after sender domains.")
    async with runtime.acting_as(Root(), readonly=True) as tx:
        row = await queries.find_domain(tx, team_id=team_id)
    return (None if row is None else row["resend_domain_id"]), team_id, account


async def _owner(scope: Scope) -> tuple[UUID, Service]:
    if not scope.is_owner:
        raise Forbidden("Only the owner of the workspace sets up its mail.")
    actor, _, tenant_id = await subscribers.acting_for(scope)
    return tenant_id, actor
