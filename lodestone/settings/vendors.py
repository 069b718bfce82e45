"""The services that people connect to their funnels, and people's own domains."""

import ipaddress
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings

from lodestone.settings.values import CommaSeparated, WebAddress


class VendorSettings(BaseSettings):
    """Where lists, customer systems and ad platforms are."""

    vendor_timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        le=120,
        description="Longest wait for an answer of a service that somebody has connected, in"
        " seconds.",
    )
    kit_api_url: WebAddress = Field(
        default="https://api.kit.com/v4", description="Where Kit's API is."
    )
    mailerlite_api_url: WebAddress = Field(
        default="https://connect.mailerlite.com/api", description="Where MailerLite's API is."
    )
    mailchimp_client_id: str | None = Field(
        default=None,
        description="OAuth client registered at Mailchimp. Unset: people can't connect Mailchimp.",
    )
    mailchimp_client_secret: SecretStr | None = Field(
        default=None, description="Secret of that client."
    )
    mailchimp_login_url: WebAddress = Field(
        default="https://login.mailchimp.com", description="Where people sign in at Mailchimp."
    )
    mailchimp_api_url: WebAddress = Field(
        default="https://{dc}.api.mailchimp.com/3.0",
        description="Where Mailchimp's API is; {dc} stands for the account's data centre.",
    )
    gohighlevel_v1_api_url: WebAddress = Field(
        default="https://rest.gohighlevel.com/v1",
        description="Where the first API of GoHighLevel is, which location keys still use.",
    )
    gohighlevel_api_url: WebAddress = Field(
        default="https://services.leadconnectorhq.com",
        description="Where the second API of GoHighLevel is, for private integration tokens.",
    )
    meta_api_url: WebAddress = Field(
        default="https://graph.facebook.com/v21.0",
        description="Where Meta takes conversions, with the version of its API.",
    )
    linkedin_api_url: WebAddress = Field(
        default="https://api.linkedin.com/rest", description="Where LinkedIn takes conversions."
    )
    linkedin_api_version: str = Field(
        default="202601",
        pattern=r"^[0-9]{6}$",
        description="Version of LinkedIn's API, as year and month.",
    )


class DomainSettings(BaseSettings):
    """How pages are shown on people's own domains."""

    domain_target: str | None = Field(
        default=None,
        description="Host name that people's own domains point to by CNAME. Unset: the host of"
        " LODESTONE_BASE_URL.",
    )
    dns_servers: CommaSeparated = Field(
        default=(),
        description="Name servers that check people's domains, as host or host:port, separated by"
        " commas. Unset: those of the system.",
    )
    vercel_token: SecretStr | None = Field(
        default=None,
        description="Token of the Vercel account that answers on people's own domains. Unset: this"
        " installation answers itself, see docs/how-to/own-domains.md.",
    )
    vercel_project_id: str | None = Field(
        default=None, description="Vercel project that the domains are added to."
    )
    vercel_team_id: str | None = Field(
        default=None, description="Vercel team of that project, if it is a team's."
    )
    vercel_api_url: WebAddress = Field(
        default="https://api.vercel.com", description="Where Vercel's API is."
    )

    @field_validator("dns_servers")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for server in value:
            host, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
            try:
                ipaddress.ip_address(host)
            except ValueError as error:
                raise ValueError(f"{server} is not an address such as 9.9.9.9:53") from error
            if not port.isdecimal() or not 0 < int(port) < 65_536:
                raise ValueError(f"{server} has no port that can be")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.vercel_token is None) is not (self.vercel_project_id is None):
            raise ValueError("LODESTONE_VERCEL_TOKEN and LODESTONE_VERCEL_PROJECT_ID go together")
        return self
