"""How much mail leaves at a time, and through which account."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from lodestone.settings.values import WebAddress


class SendingSettings(BaseSettings):
    """Rates and accounts of mail."""

    smtp_connections: int = Field(
        default=4, ge=1, le=50, description="Connections to the mail server during a broadcast."
    )
    smtp_mails_per_second: float = Field(
        default=0,
        ge=0,
        le=100_000,
        description="Most mails of broadcasts that all workers together hand to the mail server in"
        " a second; 0: as many as it takes.",
    )
    resend_api_key: SecretStr | None = Field(
        default=None,
        description="Key of the Resend account that carries the mail of everybody without an"
        " account of their own. Unset: the mail server, or the directory of mail.",
    )
    resend_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signing secret of that account's webhook, which leads to /hooks/resend. Unset:"
        " its reports are refused with 503.",
    )
    resend_api_url: WebAddress = Field(
        default="https://api.resend.com", description="Where Resend's API is."
    )
    resend_requests_per_second: float = Field(
        default=2,
        gt=0,
        le=1000,
        description="Requests that one Resend account allows in a second, from all workers.",
    )
    resend_timeout_seconds: float = Field(
        default=30, gt=0, le=300, description="Longest wait for an answer of Resend, in seconds."
    )
