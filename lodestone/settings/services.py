"""Outside services; each part of the product works without its own."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from lodestone.settings.values import WebAddress


class ModelSettings(BaseSettings):
    """Who answers the prompts."""

    ai_anthropic_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of Anthropic's API. Without one AI steps work by their offline rules.",
    )
    ai_anthropic_url: str = Field(
        default="https://api.anthropic.com", description="Address of Anthropic's API."
    )
    ai_openai_key: SecretStr = Field(
        default=SecretStr(""),
        description="Key of OpenAI's API, or of a server that speaks its chat completions.",
    )
    ai_openai_url: str = Field(
        default="https://api.openai.com/v1",
        description="Address of that API, for instance of a model server of your own.",
    )
    ai_model: str = Field(
        default="",
        description="The model that is asked instead of those that the prompts name.",
    )
    ai_timeout_seconds: float = Field(
        default=240.0, gt=0, le=3600, description="Longest wait for an answer of a model."
    )


class MailSettings(BaseSettings):
    """How mail leaves."""

    mail_from: str = Field(
        default="Lodestone <hello@localhost>", description="Sender of mail that names no other."
    )
    smtp_host: str | None = Field(
        default=None,
        description="Mail server. Unset: mail lands in the directory mail of the data directory.",
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_username: str | None = Field(default=None, description="Account on the mail server.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of that account.")
    smtp_encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection to the mail server is encrypted."
    )


class StripeSettings(BaseSettings):
    """Who is paid for plans."""

    stripe_secret_key: SecretStr | None = Field(
        default=None,
        description="Secret key of the Stripe account that sells plans. Unset: nothing is sold.",
    )
    stripe_webhook_secret: SecretStr | None = Field(
        default=None,
        description="Signing secret of the Stripe endpoint that leads to /hooks/stripe; goes with"
        " LODESTONE_STRIPE_SECRET_KEY.",
    )
    stripe_price_pro: str | None = Field(
        default=None, description="Stripe's id of the monthly price of the plan pro."
    )
    stripe_price_unlimited: str | None = Field(
        default=None, description="Stripe's id of the monthly price of the plan unlimited."
    )
    stripe_api_url: WebAddress = Field(
        default="https://api.stripe.com", description="Where Stripe's API is."
    )
    stripe_timeout_seconds: float = Field(
        default=20.0, gt=0, le=300, description="Longest wait for an answer of Stripe, in seconds."
    )

    @model_validator(mode="after")
    def _sells_whole(self) -> Self:
        if (self.stripe_secret_key is None) is not (self.stripe_webhook_secret is None):
            raise ValueError(
                "LODESTONE_STRIPE_SECRET_KEY and LODESTONE_STRIPE_WEBHOOK_SECRET go together"
            )
        if self.stripe_secret_key and not (self.stripe_price_pro or self.stripe_price_unlimited):
            raise ValueError(
                "LODESTONE_STRIPE_SECRET_KEY needs LODESTONE_STRIPE_PRICE_PRO or"
                " LODESTONE_STRIPE_PRICE_UNLIMITED"
            )
        return self
