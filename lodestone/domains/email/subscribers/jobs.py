"""What lists do in the background: reading files of people."""

from dataclasses import dataclass
from uuid import UUID

from lodestone.domains.email.subscribers import imports
from lodestone.domains.email.subscribers.models import Import
from lodestone.platform.database import Tx
from lodestone.platform.jobs import job


@dataclass(frozen=True, slots=True)
class ReadImport:
    """A file to read."""

    import_id: UUID


@job("email:check_import", attempts=3, timeout_seconds=1800)
async def check_import(args: ReadImport) -> None:
    """Try a file of subscribers: judge each row and import none."""
    await imports.check(args.import_id)


@job("email:run_import", attempts=3, timeout_seconds=1800)
async def run_import(args: ReadImport) -> None:
    """Bring the people of a checked file onto the list."""
    await imports.run(args.import_id)


async def enqueue_check(tx: Tx, found: Import) -> None:
    """Have a file tried, on the caller's transaction."""
    job_id = await check_import.enqueue(tx, ReadImport(found.id))
    await imports.note_job(tx, import_id=found.id, job_id=job_id)


async def enqueue_import(tx: Tx, found: Import) -> None:
    """Have a file taken, on the caller's transaction."""
    job_id = await run_import.enqueue(tx, ReadImport(found.id))
    await imports.note_job(tx, import_id=found.id, job_id=job_id)
