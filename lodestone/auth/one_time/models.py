"""What a link or code is for, and what comes of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What a link or code was mailed for."""

    SIGNUP = "signup"
    RECOVERY = "recovery"
    MAGICLINK = "magiclink"
    INVITE = "invite"
    EMAIL_CHANGE = "email_change"
    REAUTHENTICATION = "reauthentication"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a client keeps the answer to, so that it alone can redeem what follows (PKCE)."""

    value: str
    method: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A link's token and its six digits: told once, stored as hashes."""

    id: UUID
    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link that could be used; `has_password` says that its sign-up chose one."""

    kind: Kind
    has_password: bool


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A link or code that was good, and is now used."""

    id: UUID
    user_id: UUID
    kind: Kind
    email: str
    password_hash: str | None
    challenge: Challenge | None
