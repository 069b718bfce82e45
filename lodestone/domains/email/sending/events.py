"""What sending tells the other rooms."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.platform.events import Event


@dataclass(frozen=True, slots=True)
class MessageRequeued(Event, name="email:message_requeued"):
    """Somebody wants a message of a broadcast sent again."""

    broadcast_id: UUID


@dataclass(frozen=True, slots=True)
class MailboxGone(Event, name="email:mailbox_gone"):
    """A mail server said that the mailbox of a message does not exist."""

    message_id: UUID
    error: str
