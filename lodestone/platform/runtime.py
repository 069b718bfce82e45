"""What the composition roots wire and every handler reaches: one `Runtime` per process."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

from lodestone.platform.actors import Actor
from lodestone.platform.ai import AiOptions
from lodestone.platform.database import Database, Tx
from lodestone.platform.mail import Mailer
from lodestone.platform.secrets import SecretBox
from lodestone.platform.storage import DiskStore, FileStorage
from lodestone.platform.tokens import TokenKeys
from lodestone.platform.vendors import Vendors


@dataclass(frozen=True, slots=True)
class ApiLimits:
    """What one request to the data API may cost and see; timeouts are in seconds."""

    most_rows: int = 1_000
    deepest_embedding: int = 8
    most_body_bytes: int = 10_000_000
    statement_seconds: float = 15.0
    seconds_by_role: Mapping[str, float] = field(default_factory=dict)
    allow_rollback: bool = False
    show_plans: bool = False

    def seconds_of(self, role: str) -> float:
        """Return how long a statement of a role may take."""
        return self.seconds_by_role.get(role, self.statement_seconds)


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """Who may make an account, and how people sign in.

    `sign_up` is open, invited (only whom somebody invited) or closed. `redirects` are the addresses
    that links and providers may lead back to. Without `google_client_id` there is no Google.
    """

    sign_up: str = "open"
    require_email_confirmation: bool = True
    redirects: tuple[str, ...] = ()
    google_client_id: str = ""
    google_client_secret: str = field(default="", repr=False)
    google_issuer: str = "https://accounts.google.com"
    legacy_password_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """The account that sells plans; `prices` are Stripe's ids by plan, the timeout in seconds."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    prices: Mapping[str, str]
    api_url: str = "https://api.stripe.com"
    timeout_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class SendingOptions:
    """How much mail leaves at a time, and the installation's own Resend account if it has one.

    A rate of 0 mails per second is no limit; the timeout is in seconds.
    """

    smtp_connections: int = 4
    smtp_mails_per_second: float = 0
    resend_api_key: str = field(default="", repr=False)
    resend_webhook_secret: str = field(default="", repr=False)
    resend_api_url: str = "https://api.resend.com"
    resend_requests_per_second: float = 2
    resend_timeout_seconds: float = 30


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of this process. `base_url` has no trailing slash; `data_dir` holds files."""

    database: Database
    mailer: Mailer
    secrets: SecretBox
    base_url: str
    data_dir: Path
    mail_from: str = "Lodestone <hello@localhost>"
    trusted_proxies: tuple[str, ...] = ()
    allow_private_urls: bool = False
    tokens: TokenKeys = field(default_factory=lambda: TokenKeys(""))
    api_limits: ApiLimits = ApiLimits()
    stripe: StripeAccount | None = None
    accounts: AccountOptions = AccountOptions()
    file_storage: FileStorage | None = None
    ai: AiOptions = field(default_factory=AiOptions)
    vendors: Vendors = field(default_factory=Vendors)
    sending: SendingOptions = SendingOptions()

    @property
    def files(self) -> FileStorage:
        """Return where files lie: the data directory, unless a store was chosen."""
        return self.file_storage or FileStorage(DiskStore(self.data_dir / "files"))


_current: list[Runtime] = []


def set_current(runtime: Runtime) -> None:
    """Make this the process's runtime; the roots and the tests call it, nobody else."""
    _current[:] = [runtime]


def current() -> Runtime:
    """Return the process's runtime. Raises RuntimeError before a root has set one."""
    if not _current:
        raise RuntimeError("no runtime: a composition root has to set one first")
    return _current[0]


def acting_as(actor: Actor, *, readonly: bool = False) -> AbstractAsyncContextManager[Tx]:
    """Open a transaction on the runtime's database as the actor."""
    return current().database.acting_as(actor, readonly=readonly)


def reading_as(actor: Actor) -> AbstractAsyncContextManager[Tx]:
    """Open a read-only transaction on the runtime's database, its replica when there is one."""
    return current().database.reading_as(actor)
