"""What an own domain is made of."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel


class DomainStatus(StrEnum):
    """How far a domain is."""

    PENDING_DNS = "pending_dns"
    VERIFIED = "verified"
    ACTIVE = "active"
    ERROR = "error"


class DnsRecord(BaseModel):
    """A record that the domain's owner has to set, and what it is for."""

    type: str
    name: str
    value: str
    reason: str


class OwnDomain(BaseModel):
    """A workspace's domain."""

    team_id: UUID
    domain: str
    status: DomainStatus
    dns_config: dict[str, Any] | None
    ownership_proof: str | None
    vercel_domain_id: str | None
    last_error: str | None
    last_checked_at: datetime | None
    verified_at: datetime | None
    created_at: datetime

    @property
    def records(self) -> list[DnsRecord]:
        """Return what has to be set, the record that leads here first."""
        config = self.dns_config or {}
        found = []
        if config.get("name") and config.get("value"):
            found.append(
                DnsRecord(
                    type=str(config.get("type") or "CNAME"),
                    name=str(config["name"]),
                    value=str(config["value"]),
                    reason="Leads visitors here",
                )
            )
        found += [
            DnsRecord(
                type=str(one.get("type") or "TXT").upper(),
                name=str(one.get("domain") or ""),
                value=str(one.get("value") or ""),
                reason="Shows that the domain is yours",
            )
            for one in config.get("verification", [])
        ]
        return found


class Checked(BaseModel):
    """What a look at the domain name system found; `problem` is None when all is set."""

    is_owned: bool
    leads_here: bool
    problem: str | None
