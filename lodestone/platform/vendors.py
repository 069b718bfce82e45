"""Where the outside services are that people connect to their funnels, and how long we wait."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MailchimpApp:
    """Our registration at Mailchimp, by which people connect without copying a key."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VercelProject:
    """The project at Vercel that answers on people's own domains; `team_id` may be empty."""

    token: str = field(repr=False)
    project_id: str
    team_id: str = ""
    api_url: str = "https://api.vercel.com"


@dataclass(frozen=True, slots=True)
class Vendors:
    """Addresses of the services; `{dc}` stands for a Mailchimp data centre.

    `domain_target` is the host that people's own domains point to; empty: that of the product's own
    address. Without `dns_servers` (`host` or `host:port`) the system's are asked. Timeouts are in
    seconds.
    """

    timeout_seconds: float = 10.0
    kit_url: str = "https://api.kit.com/v4"
    mailerlite_url: str = "https://connect.mailerlite.com/api"
    mailchimp_login_url: str = "https://login.mailchimp.com"
    mailchimp_url: str = "https://{dc}.api.mailchimp.com/3.0"
    mailchimp: MailchimpApp | None = None
    gohighlevel_v1_url: str = "https://rest.gohighlevel.com/v1"
    gohighlevel_url: str = "https://services.leadconnectorhq.com"
    meta_url: str = "https://graph.facebook.com/v21.0"
    linkedin_url: str = "https://api.linkedin.com/rest"
    linkedin_version: str = "202601"
    vercel: VercelProject | None = None
    domain_target: str = ""
    dns_servers: tuple[str, ...] = ()
