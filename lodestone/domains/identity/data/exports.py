"""Making an export, its links, and its end."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

from lodestone.auth import letters
from lodestone.auth.users import service as users
from lodestone.domains.identity.data import rules
from lodestone.domains.identity.data.archive import Archive
from lodestone.domains.identity.data.models import (
    Export,
    ExportedTable,
    ExportState,
    OwnFile,
    Summary,
)
from lodestone.domains.identity.data.queries import exports as queries
from lodestone.platform import runtime
from lodestone.platform.actors import Root, Service, User, Writer
from lodestone.platform.database import Tx
from lodestone.platform.errors import Conflict, LodestoneError, NotFound
from lodestone.platform.jobs import report_progress
from lodestone.platform.secrets import hash_token, new_token
from lodestone.platform.storage import BlobMissing

BUCKET = "account-exports"
_README = """Everything that the account {email} owns in Lodestone, as of {moment}.

json/  each table as one list of rows
csv/   the same rows for a spreadsheet; values that begin like a formula have a ' in front
files/ the files that were uploaded; manifest.json names those whose bytes are lost

Passwords, keys and other secrets are not in here.
"""


class LinkUsedUp(LodestoneError):
    """The link was used, has expired, or is somebody else's: which, nobody is told."""

    code = "link_used_up"
    status = 410


async def make(export_id: UUID) -> None:
    """Write the file of an export, store it, and mail its link; done before, it does nothing."""
    async with runtime.acting_as(Root(), readonly=True) as tx:
        found = await queries.find_export(tx, export_id=export_id)
    if found is None or found["state"] != ExportState.QUEUED:
        return
    user_id: UUID = found["user_id"]
    store = runtime.current().files.store
    async with Archive() as archive:
        summary = await _write(archive, user_id)
        written = await store.write(archive.read())
    async with runtime.acting_as(Root()) as tx:
        is_first = await queries.set_ready(
            tx,
            export_id=export_id,
            tables=summary.tables,
            rows=summary.rows,
            size_bytes=summary.size_bytes,
            kept_days=rules.KEPT_DAYS,
        )
        if not is_first:
            return
        await queries.insert_object(
            tx,
            bucket_id=BUCKET,
            name=_object_name(user_id, export_id),
            version=written.name,
            size=written.size,
            digest=written.digest,
            user_id=user_id,
        )
        await _mail_link(tx, user_id=user_id, export_id=export_id)


async def _write(archive: Archive, user_id: UUID) -> Summary:
    async with runtime.acting_as(Root(), readonly=True) as tx:
        scopes = [dict(row) for row in await queries.list_scopes(tx)]
        owns_tenant = await queries.owns_tenant(tx, user_id=user_id)
        files = [OwnFile(**row) for row in await queries.list_files(tx, user_id=user_id)]
        email = (await users.get_account(tx, user_id=user_id)).email
        picture = await queries.find_avatar(tx, user_id=user_id)
    tables = rules.exported_tables(scopes, owns_tenant=owns_tenant)
    steps = len(tables) + len(files)
    counts: dict[str, int] = {}
    # As the account itself: row-level security is asked once more.
    async with runtime.acting_as(User(user_id), readonly=True) as tx:
        for number, table in enumerate(tables):
            await report_progress(done=number, total=steps, message=_told(table))
            rows = await archive.add_table(table.name, table.columns, queries.read_rows(tx, table))
            if rows:
                counts[table.name] = rows
    missing: list[str] = []
    for number, file in enumerate(files, start=len(tables)):
        await report_progress(done=number, total=steps, message=file.name)
        try:
            await archive.add_file(f"files/{file.bucket_id}/{file.name}", _bytes_of(file))
        except BlobMissing:
            # Replaced or deleted meanwhile, or lost: the rest is theirs all the same.
            missing.append(f"{file.bucket_id}/{file.name}")
    if picture is not None:
        kind = picture["content_type"].partition("/")[2]
        await archive.add_bytes(f"avatar.{kind}", picture["body"])
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    await archive.add_text("README.txt", _README.format(email=email, moment=moment))
    manifest = {
        "account": email,
        "exported_at": moment,
        "rows": counts,
        "files": len(files) - len(missing),
        "missing_files": missing,
    }
    await archive.add_text("manifest.json", json.dumps(manifest, indent=2))
    size = await archive.finish()
    await report_progress(done=steps, total=steps, message="Done")
    return Summary(len(counts), sum(counts.values()), size)


def _told(table: ExportedTable) -> str:
    return table.name.replace("_", " ").capitalize()


def _bytes_of(file: OwnFile) -> AsyncIterator[bytes]:
    return runtime.current().files.store.read(file.version, start=0, end=file.size)


async def _mail_link(tx: Tx, *, user_id: UUID, export_id: UUID) -> None:
    account = await users.get_account(tx, user_id=user_id)
    token = new_token()
    await queries.set_link(
        tx, export_id=export_id, token_hash=hash_token(token), seconds=rules.LINK_SECONDS
    )
    link = f"{runtime.current().base_url}/app/account/data/download/{token}"
    await letters.post_notice(tx, to=account.email, notice=letters.Notice.EXPORT_READY, link=link)


async def press_link(user_id: UUID, *, export_id: UUID) -> str:
    """Return a new link's token for a press of a button; an earlier link ends.

    Raises: NotFound when the export isn't theirs, Conflict when there is no file (any more).
    """
    await get_export(user_id, export_id=export_id)
    token = new_token()
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        is_ready = await queries.set_link(
            tx,
            export_id=export_id,
            token_hash=hash_token(token),
            seconds=rules.PRESSED_LINK_SECONDS,
        )
    if not is_ready:
        raise Conflict("This file is not there any more. Make a new one.")
    return token


async def get_export(user_id: UUID, *, export_id: UUID) -> Export:
    """Return one of a person's exports. Raises: NotFound."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id), readonly=True) as tx:
        row = await queries.find_export(tx, export_id=export_id)
    if row is None or row["user_id"] != user_id:
        raise NotFound("There is no such export.")
    return Export(**row)


async def look_at_link(user_id: UUID, *, token: str) -> Export:
    """Return what a link would open, without using it. Raises: LinkUsedUp."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id), readonly=True) as tx:
        row = await queries.find_by_link(tx, token_hash=hash_token(token), user_id=user_id)
    if row is None:
        raise LinkUsedUp("This link was used, or has expired. Your data page makes a new one.")
    return Export(**row)


async def use_link(user_id: UUID, *, token: str) -> tuple[Export, AsyncIterator[bytes]]:
    """Use a link up, and return the file that it opens. Raises: LinkUsedUp, Conflict."""
    async with runtime.acting_as(Service(Writer.MAGNETLAB, user_id=user_id)) as tx:
        row = await queries.use_link(tx, token_hash=hash_token(token), user_id=user_id)
    if row is None:
        raise LinkUsedUp("This link was used, or has expired. Your data page makes a new one.")
    export = Export(**row)
    async with runtime.acting_as(Root(), readonly=True) as tx:
        version = await queries.find_object(
            tx, bucket_id=BUCKET, name=_object_name(user_id, export.id)
        )
    if version is None:
        raise Conflict("This file is not there any more. Make a new one.")
    store = runtime.current().files.store
    return export, store.read(version, start=0, end=export.size_bytes or 0)


async def remove_old() -> int:
    """Remove files whose time is over, give up exports that never came; return how many files."""
    async with runtime.acting_as(Root()) as tx:
        await queries.fail_lost_exports(tx)
        return await queries.remove_old_exports(tx, bucket_id=BUCKET)


def _object_name(user_id: UUID, export_id: UUID) -> str:
    return f"{user_id}/{export_id}.zip"
