"""What deliveries do in the background."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.email.deliveries import service
from lodestone.domains.email.sending.service import MailboxGone
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.events import subscriber
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """A report of a provider."""

    report_id: UUID


@job("email:apply_report", attempts=10)
async def apply_report(args: ApplyReport) -> None:
    """Make of a provider's report what it says about a message."""
    async with runtime.acting_as(Root()) as tx:
        await service.apply_report(tx, report_id=args.report_id)


@subscriber(MailboxGone, "email:record_dead_mailbox")
async def record_dead_mailbox(event: MailboxGone) -> None:
    """Write no more to a mailbox that does not exist."""
    async with runtime.acting_as(Root()) as tx:
        await service.record_dead(tx, message_id=event.message_id)


@schedule("email:purge_reports", cron="40 3 * * *")
async def purge_reports() -> None:
    """Forget reports of providers that were applied long ago."""
    async with runtime.acting_as(Root()) as tx:
        await service.purge_reports(tx)
