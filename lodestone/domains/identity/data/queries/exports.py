"""The SQL of exports: their rows, and reading everything that an account owns."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.domains.identity.data.models import ExportedTable
from lodestone.platform.database import Tx

BATCH = 500
_COLUMNS = """
    id, user_id, state, job_id, tables_count, rows_count, size_bytes, created_at, ready_at,
    expires_at, downloaded_at
"""


async def list_scopes(tx: Tx) -> list[Record]:
    """List the tables that people read rows of their own in, with the columns they may read."""
    return await tx.fetch(
        """
        select s.table_name, s.pattern, s.detail, s.predicate,
            array(
                select a.attname::text from pg_attribute as a
                where a.attrelid = format('public.%I', s.table_name)::regclass
                    and a.attnum > 0 and not a.attisdropped
                    and has_column_privilege('authenticated', a.attrelid, a.attnum, 'select')
                order by a.attnum
            ) as columns
        from access.scopes as s
        where 'select' = any (s.commands)
        order by s.table_name
        """
    )


async def owns_tenant(tx: Tx, *, user_id: UUID) -> bool:
    """Say whether an account owns or administers its business."""
    found: bool = await tx.fetchval(
        "select exists (select from profiles where id = $1 and role in ('owner', 'admin'))",
        user_id,
    )
    return found


async def read_rows(tx: Tx, table: ExportedTable) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the rows that the actor owns, some at a time; the names come from the catalog."""
    name = f"export_{table.name}"
    columns = ", ".join(f'r."{column}"' for column in table.columns)
    await tx.execute(
        f'declare "{name}" no scroll cursor for select to_jsonb(t) as row from'
        f' (select {columns} from public."{table.name}" as r where {table.condition}) as t'
    )
    try:
        while rows := await tx.fetch(f'fetch {BATCH} from "{name}"'):
            yield [row["row"] for row in rows]
    finally:
        await tx.execute(f'close "{name}"')


async def list_files(tx: Tx, *, user_id: UUID) -> list[Record]:
    """List the files in the folders of an account and of the teams that it owns."""
    return await tx.fetch(
        """
        select o.bucket_id, o.name, o.version, (o.metadata ->> 'size')::bigint as size
        from storage.objects as o
        where o.bucket_id = any (access.folder_bucket_ids())
            and o.version is not null and o.metadata ->> 'size' is not null
            and (storage.foldername(o.name))[1] = any (
                $1::uuid::text || array(select t.id::text from teams as t where t.owner_id = $1)
            )
        order by o.bucket_id, o.name
        """,
        user_id,
    )


async def find_avatar(tx: Tx, *, user_id: UUID) -> Record | None:
    """Find the picture that an account uploaded, as its bytes and what they are."""
    return await tx.fetchrow(
        "select content_type, body from user_avatars where user_id = $1", user_id
    )


async def insert_export(tx: Tx, *, user_id: UUID) -> UUID | None:
    """Insert an export to be made; None while another is."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into account_exports (user_id) values ($1)
        on conflict (user_id) where state = 'queued' do nothing
        returning id
        """,
        user_id,
    )
    return identifier


async def set_job(tx: Tx, *, export_id: UUID, job_id: int | None) -> None:
    await tx.execute("update account_exports set job_id = $2 where id = $1", export_id, job_id)


async def find_export(tx: Tx, *, export_id: UUID) -> Record | None:
    return await tx.fetchrow(f"select {_COLUMNS} from account_exports where id = $1", export_id)


async def list_exports(tx: Tx, *, user_id: UUID, limit: int) -> list[Record]:
    return await tx.fetch(
        f"""
        select {_COLUMNS} from account_exports
        where user_id = $1
        order by created_at desc, id
        limit $2
        """,
        user_id,
        limit,
    )


async def set_ready(
    tx: Tx,
    *,
    export_id: UUID,
    tables: int,
    rows: int,
    size_bytes: int,
    kept_days: int,
) -> bool:
    """Note that the file is whole; False when the export was done before."""
    done: UUID | None = await tx.fetchval(
        """
        update account_exports
        set state = 'ready', tables_count = $2, rows_count = $3, size_bytes = $4, ready_at = now(),
            expires_at = now() + make_interval(days => $5)
        where id = $1 and state = 'queued'
        returning id
        """,
        export_id,
        tables,
        rows,
        size_bytes,
        kept_days,
    )
    return done is not None


async def fail_lost_exports(tx: Tx) -> None:
    """Give up exports that no worker finished within a day, so that a new one can be asked for."""
    await tx.execute(
        """
        update account_exports set state = 'failed'
        where state = 'queued' and created_at < now() - interval '1 day'
        """
    )


async def insert_object(
    tx: Tx, *, bucket_id: str, name: str, version: str, size: int, digest: str, user_id: UUID
) -> None:
    """Name the bytes of an export, so that they are kept; the bucket is nobody's but ours."""
    await tx.execute(
        """
        insert into storage.buckets (id, name, public) values ($1, $1, false)
        on conflict (id) do nothing
        """,
        bucket_id,
    )
    await tx.execute(
        """
        insert into storage.objects (bucket_id, name, version, owner, owner_id, metadata)
        values ($1, $2, $3, $4::uuid, $4::uuid::text, jsonb_build_object(
            'size', $5::bigint, 'contentLength', $5::bigint, 'mimetype', 'application/zip',
            'eTag', '"' || $6::text || '"', 'cacheControl', 'no-store', 'httpStatusCode', 200,
            'lastModified', now()
        ))
        """,
        bucket_id,
        name,
        version,
        user_id,
        size,
        digest,
    )


async def find_object(tx: Tx, *, bucket_id: str, name: str) -> str | None:
    """Find under which name the bytes of an export lie."""
    found: str | None = await tx.fetchval(
        "select version from storage.objects where bucket_id = $1 and name = $2", bucket_id, name
    )
    return found


async def set_link(tx: Tx, *, export_id: UUID, token_hash: str, seconds: int) -> bool:
    """Give a ready export a new link, which ends an earlier one; False when it isn't ready."""
    done: UUID | None = await tx.fetchval(
        """
        update account_exports
        set token_hash = $2, token_expires_at = least(
            now() + make_interval(secs => $3), expires_at)
        where id = $1 and state = 'ready' and expires_at > now()
        returning id
        """,
        export_id,
        token_hash,
        seconds,
    )
    return done is not None


async def find_by_link(tx: Tx, *, token_hash: str, user_id: UUID) -> Record | None:
    """Find the export that a link opens for an account, without using it."""
    return await tx.fetchrow(
        f"""
        select {_COLUMNS} from account_exports
        where token_hash = $1 and user_id = $2 and state = 'ready' and token_expires_at > now()
        """,
        token_hash,
        user_id,
    )


async def use_link(tx: Tx, *, token_hash: str, user_id: UUID) -> Record | None:
    """Use the link of an export; it opens nothing after."""
    return await tx.fetchrow(
        f"""
        update account_exports
        set token_hash = null, token_expires_at = null, downloaded_at = now()
        where token_hash = $1 and user_id = $2 and state = 'ready' and token_expires_at > now()
        returning {_COLUMNS}
        """,
        token_hash,
        user_id,
    )


async def remove_old_exports(tx: Tx, *, bucket_id: str) -> int:
    """Forget files whose time is over, and those of closed accounts; returns how many.

    The bytes go with the next sweep of the file store.
    """
    count: int = await tx.fetchval(
        """
        with over as (
            update account_exports as e
            set state = 'removed', token_hash = null, token_expires_at = null
            from users as u
            where u.id = e.user_id and e.state = 'ready'
                and (e.expires_at <= now() or u.deleted_at is not null)
            returning e.user_id || '/' || e.id || '.zip' as name
        ),
        gone as (
            delete from storage.objects as o
            using over where o.bucket_id = $1 and o.name = over.name
        )
        select count(*) from over
        """,
        bucket_id,
    )
    return count
