"""What happens to exports and deletions in the background."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.identity.data import exports, service
from lodestone.domains.identity.services import service as services
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job, schedule


@dataclass(frozen=True, slots=True)
class ExportAccount:
    """An export to make."""

    export_id: UUID


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """A deletion to carry out."""

    deletion_id: UUID


@job("identity:export_account", attempts=4, timeout_seconds=3600)
async def export_account(args: ExportAccount) -> None:
    """Put everything that an account owns into one file, and mail its link."""
    await exports.make(args.export_id)


@job("identity:delete_account", attempts=5)
async def delete_account(args: DeleteAccount) -> None:
    """Empty and close an account whose day has come, once its data has been put together."""
    await service.carry_out(args.deletion_id, enqueue=enqueue_export)


async def enqueue_export(tx: Tx, export_id: UUID) -> int | None:
    """Enqueue the making of an export."""
    return await export_account.enqueue(tx, ExportAccount(export_id), dedupe_key=str(export_id))


@schedule("identity:delete_due_accounts", cron="23 * * * *")
async def delete_due_accounts() -> None:
    """Begin the deletions whose day has come; those that waited for their data come again."""
    for deletion_id, _ in await service.list_due():
        async with runtime.acting_as(Root()) as tx:
            await delete_account.enqueue(
                tx, DeleteAccount(deletion_id), dedupe_key=str(deletion_id)
            )


@schedule("identity:remove_old_exports", cron="41 * * * *")
async def remove_old_exports() -> None:
    """Remove the files of exports whose week is over, and used signatures of services."""
    await exports.remove_old()
    async with runtime.acting_as(Root()) as tx:
        await services.forget_signatures(tx)
