"""Files of people: tried first, then taken whole or not at all."""

from itertools import islice
from uuid import UUID

from asyncpg import Record

from lodestone.domains.email.subscribers import rules
from lodestone.domains.email.subscribers.models import Import, ImportState, Refusal
from lodestone.domains.email.subscribers.queries import imports as queries
from lodestone.domains.email.subscribers.service import acting_for
from lodestone.domains.identity.service import Scope
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, InvalidInput, LodestoneError, NotFound
from lodestone.platform.jobs import report_progress

STAGED_AT_ONCE = 5_000
MERGED_AT_ONCE = 50_000
SAMPLE_ROWS = 5
REFUSALS_SHOWN = 50
IMPORTS_SHOWN = 20


async def keep_file(*, scope: Scope, file_name: str, content: bytes) -> UUID:
    """Keep a file of people, with a guess at its columns; nothing is imported yet.

    Raises InvalidInput when it is no table, LodestoneError 413 beyond 5 MB, NotFound for an
    account without a list.
    """
    if len(content) > rules.MOST_BYTES:
        raise LodestoneError("A file has at most 5 MB.", code="too_large", status=413)
    try:
        sheet = rules.examine(content)
    except rules.UnreadableFileError as refusal:
        raise InvalidInput(str(refusal), fields={"file": str(refusal)}) from refusal
    actor, team_id, tenant_id = await acting_for(scope)
    async with runtime.acting_as(actor) as tx:
        return await queries.insert_import(
            tx,
            tenant_id=tenant_id,
            team_id=team_id,
            user_id=scope.user_id,
            file_name=rules.as_line(file_name)[:255] or "list.csv",
            content=content,
            encoding=sheet.encoding,
            delimiter=sheet.delimiter,
            columns=sheet.columns,
            mapping=rules.guess_mapping(sheet.columns),
        )


async def get_import(tx: Tx, *, scope: Scope, import_id: UUID) -> Import:
    """Return an import of the workspace. Raises NotFound when there is none, or elsewhere."""
    found = _import(await queries.get_import(tx, import_id=import_id))
    if found.team_id != scope.home_team_id:
        raise NotFound("There is no such import.")
    return found


async def list_imports(tx: Tx, *, scope: Scope) -> list[Import]:
    """Return the workspace's last imports, newest first."""
    if scope.home_team_id is None:
        return []
    rows = await queries.list_imports(tx, team_id=scope.home_team_id, limit=IMPORTS_SHOWN)
    return [_import(row) for row in rows]


async def sample_rows(scope: Scope, found: Import) -> list[list[str]]:
    """Return the first rows of a file, cells in the order of its columns."""
    actor, _, _ = await acting_for(scope)
    async with runtime.acting_as(actor, readonly=True) as tx:
        content = await queries.find_content(tx, import_id=found.id)
    if content is None:
        return []
    rows = rules.read_rows(content, _sheet(found), {})
    return [row.cells for _, row in zip(range(SAMPLE_ROWS), rows, strict=False)]


async def count_refusals(tx: Tx, *, import_id: UUID) -> dict[str, int]:
    """Return how many rows of a file are refused for each reason."""
    return await queries.count_refusals(tx, import_id=import_id)


async def list_refusals(tx: Tx, *, import_id: UUID, limit: int | None = None) -> list[Refusal]:
    """Return the rows of a file that are not taken, in its order."""
    rows = await queries.list_refusals(tx, import_id=import_id, limit=limit)
    return [Refusal.model_validate(dict(row)) for row in rows]


async def begin_check(tx: Tx, *, found: Import, mapping: dict[str, int]) -> None:
    """Have the file tried with a mapping of its columns; the caller enqueues the job.

    Raises InvalidInput for a mapping that does not fit, Conflict when it is being read or over.
    """
    if "email" not in mapping:
        raise InvalidInput("Say where the addresses are.", fields={"email": "Choose a column."})
    for field, place in mapping.items():
        if field not in rules.FIELDS or not 0 <= place < len(found.columns):
            raise InvalidInput("There is no such column.", fields={field: "Choose a column."})
    if not await queries.begin_check(tx, import_id=found.id, mapping=mapping):
        raise Conflict("This file is being read, or is done with.")


async def begin_import(tx: Tx, *, found: Import, has_agreed: bool) -> None:
    """Have a file taken that was tried before; the caller enqueues the job.

    Raises InvalidInput when nobody says that these people agreed, Conflict when it is not tried.
    """
    if not has_agreed:
        raise InvalidInput(
            "Only people who agreed may be imported.",
            fields={"has_agreed": "Say that these people agreed to receive mail."},
        )
    if not await queries.begin_import(tx, import_id=found.id):
        raise Conflict("This file has not been checked, or is taken already.")


async def cancel_import(tx: Tx, *, import_id: UUID) -> None:
    """Give a file up. Raises Conflict when it is being taken, or is done with."""
    if not await queries.cancel_import(tx, import_id=import_id):
        raise Conflict("It is too late to cancel this import.")


async def note_job(tx: Tx, *, import_id: UUID, job_id: int | None) -> None:
    """Note which job reads a file, for the page that follows it."""
    await queries.set_job(tx, import_id=import_id, job_id=job_id)


async def check(import_id: UUID) -> None:
    """Read a file and write down what it would bring, row by row; done before, does nothing."""
    await _work(import_id, state=ImportState.CHECKING)


async def run(import_id: UUID) -> None:
    """Bring a file's people onto the list, all in one transaction; done before, does nothing."""
    await _work(import_id, state=ImportState.IMPORTING)


async def _work(import_id: UUID, *, state: ImportState) -> None:
    """Stage, judge and perhaps merge, for the team that the import names: COPY needs the right."""
    try:
        async with runtime.acting_as(Root()) as tx:
            row = await queries.lock_import(tx, import_id=import_id)
            if row is None or row["state"] != state:
                return
            found = _import(row)
            await queries.delete_staged(tx, import_id=import_id)
            await _stage(tx, found, row["content"] or b"")
            await queries.judge_rows(
                tx, import_id=import_id, team_id=found.team_id, tenant_id=found.tenant_id
            )
            counts = await queries.count_judged(tx, import_id=import_id, team_id=found.team_id)
            if state is ImportState.CHECKING:
                await queries.set_checked(
                    tx,
                    import_id=import_id,
                    total=counts["total"],
                    known=counts["known"],
                    refused=counts["refused"],
                )
            else:
                await _merge(tx, found, counts)
            await queries.delete_staged(tx, import_id=import_id)
    except rules.UnreadableFileError as refusal:
        async with runtime.acting_as(Root()) as tx:
            await queries.set_failed(tx, import_id=import_id, error=str(refusal))


async def _stage(tx: Tx, found: Import, content: bytes) -> None:
    """Copy the rows of a file, read and judged each by itself, and tell how far it has come."""
    total = content.count(b"\n") or 1
    rows = rules.read_rows(content, _sheet(found), found.mapping)
    while batch := [(found.id, *row) for row in islice(rows, STAGED_AT_ONCE)]:
        await queries.stage_rows(tx, batch)
        number = batch[-1][1]
        await report_progress(done=number, total=max(total, number), message="Reading")


async def _merge(tx: Tx, found: Import, counts: Record) -> None:
    imported = updated = first = 0
    # Numbers are those of the file, where empty lines count too.
    last_row = counts["last_row"] or 0
    await queries.set_judged_list(tx, team_id=found.team_id)
    while first <= last_row:
        last = first + MERGED_AT_ONCE - 1
        merged = await queries.merge_rows(
            tx,
            import_id=found.id,
            team_id=found.team_id,
            tenant_id=found.tenant_id,
            first=first,
            last=last,
        )
        imported += merged["imported"]
        updated += merged["updated"]
        first = last + 1
        await report_progress(done=min(last, last_row), total=last_row, message="Importing")
    await queries.set_judged_list(tx, team_id=None)
    await queries.set_done(
        tx,
        import_id=found.id,
        total=counts["total"],
        refused=counts["refused"],
        imported=imported,
        updated=updated,
    )


def _import(row: Record) -> Import:
    return Import.model_validate({key: value for key, value in row.items() if key != "content"})


def _sheet(found: Import) -> rules.Sheet:
    return rules.Sheet(found.encoding, found.delimiter, found.columns)
