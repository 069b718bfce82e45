"""Who acts: each actor names the database role and the claims that its transactions carry.

Row-level security reads the claims (`auth.uid()`, `auth_tenant_id()` …), so an actor decides what a
transaction can see and write; nothing else does.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

Claims = dict[str, str]


class Writer(StrEnum):
    """The four services of the ownership table, each a database role of its own."""

    MAGNETLAB = "magnetlab"
    GTM_SYSTEM = "gtm_system"
    LEADMAGNET_BACKEND = "leadmagnet_backend"
    COPY_OF_GTM_OS = "copy_of_gtm_os"


class Actor(Protocol):
    """Whoever opens a transaction."""

    @property
    def role(self) -> str:
        """Return the database role, a plain identifier."""

    def claims(self) -> Claims:
        """Return the claims that the policies read, as a verified JWT would carry them."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Nobody in particular: the public pages."""

    role: str = "anon"

    def claims(self) -> Claims:
        return {"role": self.role}


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in account."""

    user_id: UUID
    role: str = "authenticated"

    def claims(self) -> Claims:
        return {"role": self.role, "sub": str(self.user_id)}


@dataclass(frozen=True, slots=True)
class Viewer(User):
    """A super admin with another account's eyes: reads what it reads, writes only if allowed."""

    admin_id: UUID | None = None
    may_write: bool = False

    def claims(self) -> Claims:
        return {"role": self.role, "sub": str(self.user_id), "acting_by": str(self.admin_id)}


@dataclass(frozen=True, slots=True)
class KeyHolder(User):
    """A program with an account's API key: it may only read, only write, work in one team alone."""

    is_readonly: bool = False
    bound_team_id: UUID | None = None
    may_administer: bool = False

    def claims(self) -> Claims:
        claims = {"role": self.role, "sub": str(self.user_id)}
        if self.bound_team_id is not None:
            claims["bound_team_id"] = str(self.bound_team_id)
        if not self.may_administer:
            claims["key_scope"] = "write"
        return claims


@dataclass(frozen=True, slots=True)
class Student:
    """A bootcamp student in the learning area."""

    student_id: UUID
    role: str = "authenticated"

    def claims(self) -> Claims:
        return {"role": self.role, "student_id": str(self.student_id)}


@dataclass(frozen=True, slots=True)
class Client:
    """A client in the portal of one engagement."""

    engagement_id: UUID
    role: str = "authenticated"

    def claims(self) -> Claims:
        return {"role": self.role, "engagement_id": str(self.engagement_id)}


@dataclass(frozen=True, slots=True)
class Partner:
    """An affiliate in the partners' area."""

    affiliate_id: UUID
    role: str = "authenticated"

    def claims(self) -> Claims:
        return {"role": self.role, "affiliate_id": str(self.affiliate_id)}


@dataclass(frozen=True, slots=True)
class Member:
    """A paying member of the community, in their area."""

    member_id: UUID
    role: str = "authenticated"

    def claims(self) -> Claims:
        return {"role": self.role, "member_id": str(self.member_id)}


@dataclass(frozen=True, slots=True)
class Service:
    """One of the four writers, acting for a user or a tenant; it does not bypass row security."""

    writer: Writer
    user_id: UUID | None = None
    tenant_id: UUID | None = None

    @property
    def role(self) -> str:
        return f"svc_{self.writer}"

    def claims(self) -> Claims:
        claims = {"role": self.role}
        if self.user_id is not None:
            claims["sub"] = str(self.user_id)
        if self.tenant_id is not None:
            claims["tenant_id"] = str(self.tenant_id)
        return claims


@dataclass(frozen=True, slots=True)
class Root:
    """The scheduler, the command line and the holder of the service key: sees every row."""

    role: str = "service_role"

    def claims(self) -> Claims:
        return {"role": self.role}
