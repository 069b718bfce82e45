"""Builds the `Runtime` of a process from its settings: web, worker and commands share this."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from lodestone.platform import embedded, runtime
from lodestone.platform.ai import AiOptions
from lodestone.platform.database import Database
from lodestone.platform.mail import DirectoryMailer, Mailer, SmtpMailer
from lodestone.platform.runtime import (
    AccountOptions,
    ApiLimits,
    Runtime,
    SendingOptions,
    StripeAccount,
)
from lodestone.platform.secrets import SecretBox
from lodestone.platform.storage import BlobStore, DiskStore, FileStorage
from lodestone.platform.vendors import MailchimpApp, Vendors, VercelProject
from lodestone.settings import Settings, SettingsError


class DatabaseUnreachable(Exception):
    """The database does not answer or does not let us in; the message is for a person."""


def database_url(settings: Settings, *, direct: bool = False) -> str:
    """Return where the database is now; `direct` goes past a transaction pooler.

    Raises: SettingsError when it is the embedded one and that is not running.
    """
    if settings.database_url is not None:
        chosen = settings.database_direct_url if direct else None
        return chosen or settings.database_url
    running = embedded.find(settings.data_dir)
    if running is None:
        raise SettingsError(
            f"The embedded database in {settings.data_dir} is not running: start `lodestone up`,"
            " or set LODESTONE_DATABASE_URL to a database of your own."
        )
    return running


@asynccontextmanager
async def open_runtime(settings: Settings, *, url: str | None = None) -> AsyncIterator[Runtime]:
    """Open the pool and make the runtime this process's current one; close it at the end.

    Raises: SettingsError as `database_url`, DatabaseUnreachable.
    """
    database = await connect(settings, url or database_url(settings))
    try:
        made = Runtime(
            database=database,
            mailer=make_mailer(settings),
            secrets=SecretBox(settings.keys),
            base_url=settings.address,
            data_dir=settings.data_dir,
            mail_from=settings.mail_from,
            trusted_proxies=settings.trusted_proxies,
            allow_private_urls=settings.allow_private_urls,
            tokens=settings.token_keys,
            ai=AiOptions(
                anthropic_key=settings.ai_anthropic_key.get_secret_value(),
                anthropic_url=settings.ai_anthropic_url,
                openai_key=settings.ai_openai_key.get_secret_value(),
                openai_url=settings.ai_openai_url,
                model=settings.ai_model,
                timeout_seconds=settings.ai_timeout_seconds,
            ),
            api_limits=ApiLimits(
                most_rows=settings.api_max_rows,
                deepest_embedding=settings.api_max_embedding,
                most_body_bytes=settings.api_max_body_bytes,
                statement_seconds=settings.api_timeout_seconds,
                seconds_by_role=settings.api_seconds_by_role,
                show_plans=settings.api_show_plans,
                allow_rollback=settings.api_allow_rollback,
            ),
            stripe=make_stripe_account(settings),
            sending=sending_options(settings),
            vendors=make_vendors(settings),
            accounts=account_options(settings),
            file_storage=FileStorage(make_blob_store(settings), settings.storage_max_file_bytes),
        )
        runtime.set_current(made)
        yield made
    finally:
        await database.close()


def account_options(settings: Settings) -> AccountOptions:
    """Return who may make an account here, and how people sign in."""
    google_secret, legacy_secret = settings.google_client_secret, settings.legacy_password_secret
    return AccountOptions(
        sign_up=settings.sign_up,
        require_email_confirmation=settings.require_email_confirmation,
        redirects=settings.auth_redirects,
        google_client_id=settings.google_client_id or "",
        google_client_secret=google_secret.get_secret_value() if google_secret else "",
        google_issuer=settings.google_issuer,
        legacy_password_secret=legacy_secret.get_secret_value() if legacy_secret else "",
    )


async def connect(settings: Settings, url: str) -> Database:
    """Open the pool. Raises DatabaseUnreachable."""
    try:
        return await Database.connect(
            url,
            replica_url=settings.database_replica_url,
            max_size=settings.database_pool_size,
            pooled=settings.database_pooled,
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _unreachable(error) from error


async def ask(url: str) -> None:
    """Connect once and leave. Raises DatabaseUnreachable."""
    try:
        connection = await asyncpg.connect(url)
        await connection.close()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> DatabaseUnreachable:
    """Say what went wrong on the way to the database; the driver's texts hold no password."""
    reason = str(error) or type(error).__name__
    return DatabaseUnreachable(f"The database can't be reached: {reason}")


def make_mailer(settings: Settings) -> Mailer:
    """Return the mail server of the settings, or the outbox directory."""
    if settings.smtp_host is None:
        return DirectoryMailer(settings.data_dir / "mail")
    password = settings.smtp_password
    return SmtpMailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        encryption=settings.smtp_encryption,
    )


def sending_options(settings: Settings) -> SendingOptions:
    """Return how fast mail leaves, and the installation's account for it."""
    key, secret = settings.resend_api_key, settings.resend_webhook_secret
    return SendingOptions(
        smtp_connections=settings.smtp_connections,
        smtp_mails_per_second=settings.smtp_mails_per_second,
        resend_api_key=key.get_secret_value() if key else "",
        resend_webhook_secret=secret.get_secret_value() if secret else "",
        resend_api_url=settings.resend_api_url,
        resend_requests_per_second=settings.resend_requests_per_second,
        resend_timeout_seconds=settings.resend_timeout_seconds,
    )


def make_blob_store(settings: Settings) -> BlobStore:
    """Return the S3 bucket of the settings, or the directory of files."""
    if settings.storage_s3_bucket is None:
        return DiskStore(settings.data_dir / "files")
    from lodestone.platform.s3 import S3Blobs  # noqa: PLC0415 -- large, and rarely set up

    secret = settings.storage_s3_secret_access_key
    return S3Blobs(
        settings.storage_s3_bucket,
        region=settings.storage_s3_region,
        endpoint=settings.storage_s3_endpoint,
        access_key_id=settings.storage_s3_access_key_id,
        secret_access_key=secret.get_secret_value() if secret else None,
        prefix=settings.storage_s3_prefix,
    )


def make_stripe_account(settings: Settings) -> StripeAccount | None:
    """Return the account that sells plans, None when nothing is sold here."""
    if settings.stripe_secret_key is None or settings.stripe_webhook_secret is None:
        return None
    prices = {"pro": settings.stripe_price_pro, "unlimited": settings.stripe_price_unlimited}
    return StripeAccount(
        secret_key=settings.stripe_secret_key.get_secret_value(),
        webhook_secret=settings.stripe_webhook_secret.get_secret_value(),
        prices={plan: price for plan, price in prices.items() if price},
        api_url=settings.stripe_api_url,
        timeout_seconds=settings.stripe_timeout_seconds,
    )


def make_vendors(settings: Settings) -> Vendors:
    """Return where the services are that people connect to their funnels."""
    return Vendors(
        timeout_seconds=settings.vendor_timeout_seconds,
        kit_url=settings.kit_api_url,
        mailerlite_url=settings.mailerlite_api_url,
        mailchimp_login_url=settings.mailchimp_login_url,
        mailchimp_url=settings.mailchimp_api_url,
        mailchimp=_mailchimp_app(settings),
        gohighlevel_v1_url=settings.gohighlevel_v1_api_url,
        gohighlevel_url=settings.gohighlevel_api_url,
        meta_url=settings.meta_api_url,
        linkedin_url=settings.linkedin_api_url,
        linkedin_version=settings.linkedin_api_version,
        vercel=_vercel_project(settings),
        domain_target=settings.domain_target or "",
        dns_servers=settings.dns_servers,
    )


def _mailchimp_app(settings: Settings) -> MailchimpApp | None:
    secret = settings.mailchimp_client_secret
    if settings.mailchimp_client_id is None or secret is None:
        return None
    return MailchimpApp(settings.mailchimp_client_id, secret.get_secret_value())


def _vercel_project(settings: Settings) -> VercelProject | None:
    if settings.vercel_token is None or settings.vercel_project_id is None:
        return None
    return VercelProject(
        token=settings.vercel_token.get_secret_value(),
        project_id=settings.vercel_project_id,
        team_id=settings.vercel_team_id or "",
        api_url=settings.vercel_api_url,
    )
