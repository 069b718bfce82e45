"""The SQL of files of people: staged by COPY, judged and merged as sets."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one
from lodestone.platform.errors import NotFound

_STAGED = ["import_id", "row_number", "email", "first_name", "last_name", "company", "reason"]
# What platform.identity_hash returns; called as a function, it takes longer than all else of a row.
_HASH = "encode(sha256(convert_to(lower(btrim(r.email)), 'UTF8')), 'hex')"
# UUID of version 7 (RFC 9562, 6.2: the place of a row is its counter). Ids in the order of the rows
# fill two indexes from one end, and one draw of random bytes serves all rows.
_ORDERED_ID = """
    encode(
        int8send(seed.began + (r.place / 4096 << 16) + 28672 + r.place % 4096)
            || set_byte(r.chance, 0, get_byte(r.chance, 0) & 63 | 128),
        'hex'
    )::uuid
"""
_COLUMNS = """
    id, team_id, tenant_id, file_name, encoding, delimiter, columns, mapping, state, job_id,
    total_count, new_count, known_count, refused_count, imported_count, updated_count,
    error_message, created_at, finished_at
"""


async def insert_import(
    tx: Tx,
    *,
    tenant_id: UUID,
    team_id: UUID,
    user_id: UUID,
    file_name: str,
    content: bytes,
    encoding: str,
    delimiter: str,
    columns: list[str],
    mapping: Mapping[str, int],
) -> UUID:
    """Keep a file that was given."""
    identifier: UUID = await tx.fetchval(
        """
        insert into email_imports (
            tenant_id, team_id, user_id, file_name, content, encoding, delimiter, columns, mapping
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        returning id
        """,
        tenant_id,
        team_id,
        user_id,
        file_name,
        content,
        encoding,
        delimiter,
        columns,
        dict(mapping),
    )
    return identifier


async def get_import(tx: Tx, *, import_id: UUID) -> Record:
    """Return a file's import. Raises NotFound when it is missing or invisible."""
    row = await tx.fetchrow(f"select {_COLUMNS} from email_imports where id = $1", import_id)
    if row is None:
        raise NotFound("There is no such import.")
    return row


async def lock_import(tx: Tx, *, import_id: UUID) -> Record | None:
    """Take an import and its file to work on it; whoever comes second waits."""
    return await tx.fetchrow(
        f"select {_COLUMNS}, content from email_imports where id = $1 for update", import_id
    )


async def find_content(tx: Tx, *, import_id: UUID) -> bytes | None:
    """Find the file as it came; None once it has been removed."""
    content: bytes | None = await tx.fetchval(
        "select content from email_imports where id = $1", import_id
    )
    return content


async def list_imports(tx: Tx, *, team_id: UUID, limit: int) -> list[Record]:
    """List a team's imports, newest first."""
    return await tx.fetch(
        f"""
        select {_COLUMNS} from email_imports
        where team_id = $1
        order by created_at desc, id
        limit $2
        """,
        team_id,
        limit,
    )


async def begin_check(tx: Tx, *, import_id: UUID, mapping: Mapping[str, int]) -> bool:
    """Have a file read with a mapping; False when that is not its turn."""
    changed = await tx.fetchval(
        """
        update email_imports
        set state = 'checking', mapping = $2, error_message = null
        where id = $1 and state in ('uploaded', 'checked', 'failed')
        returning id
        """,
        import_id,
        dict(mapping),
    )
    return changed is not None


async def begin_import(tx: Tx, *, import_id: UUID) -> bool:
    """Have a checked file taken, its people having agreed; False when that is not its turn."""
    changed = await tx.fetchval(
        """
        update email_imports set state = 'importing', agreed_at = now()
        where id = $1 and state = 'checked'
        returning id
        """,
        import_id,
    )
    return changed is not None


async def cancel_import(tx: Tx, *, import_id: UUID) -> bool:
    """Give a file up that has not been taken; False when it is too late."""
    changed = await tx.fetchval(
        """
        update email_imports set state = 'cancelled', content = null, finished_at = now()
        where id = $1 and state in ('uploaded', 'checking', 'checked', 'failed')
        returning id
        """,
        import_id,
    )
    return changed is not None


async def set_job(tx: Tx, *, import_id: UUID, job_id: int | None) -> None:
    """Note which job reads the file."""
    await tx.execute("update email_imports set job_id = $2 where id = $1", import_id, job_id)


async def set_failed(tx: Tx, *, import_id: UUID, error: str) -> None:
    """Note that the file can't be read."""
    await tx.execute(
        """
        update email_imports set state = 'failed', error_message = $2
        where id = $1 and state in ('checking', 'importing')
        """,
        import_id,
        error,
    )


async def stage_rows(tx: Tx, rows: Iterable[tuple[Any, ...]]) -> None:
    """Copy rows of files into the staging table."""
    await tx.copy_records_to_table(
        "email_import_rows", schema_name="platform", columns=[*_STAGED, "cells"], records=rows
    )


async def delete_staged(tx: Tx, *, import_id: UUID) -> None:
    """Empty the staging table of a file's rows."""
    await tx.execute("delete from platform.email_import_rows where import_id = $1", import_id)


async def judge_rows(tx: Tx, *, import_id: UUID, team_id: UUID, tenant_id: UUID) -> None:
    """Write down which staged rows are refused, and why, in place of what was said before."""
    await tx.execute("delete from email_import_refusals where import_id = $1", import_id)
    await tx.execute(
        f"""
        insert into email_import_refusals (import_id, team_id, row_number, email, reason, cells)
        select j.import_id, $2, j.row_number, j.email, j.reason, j.cells
        from (
            select r.import_id, r.row_number, r.email, r.cells,
                case
                    when r.reason is not null then r.reason
                    when row_number() over (
                        partition by r.email, r.reason is null order by r.row_number
                    ) > 1 then 'duplicate'
                    when s.status in ('unsubscribed', 'bounced', 'complained') then s.status
                    when s.id is null and (
                        exists (
                            select from suppressions as b
                            where b.tenant_id = $3 and b.channel = 'email'
                                and b.identity_hash = {_HASH}
                                and (b.team_id is null or b.team_id = $2 or b.reason = 'complained')
                        )
                        or exists (
                            select from email_subscribers as o
                            where o.tenant_id = $3 and o.email = r.email
                                and o.status = 'complained'
                        )
                    ) then 'suppressed'
                end as reason
            from platform.email_import_rows as r
            left join email_subscribers as s
                on s.team_id = $2 and s.email = r.email and r.reason is null
            where r.import_id = $1
        ) as j
        where j.reason is not null
        """,
        import_id,
        team_id,
        tenant_id,
    )


async def count_judged(tx: Tx, *, import_id: UUID, team_id: UUID) -> Record:
    """Count the staged rows: all, refused, and those whose address the list knows already."""
    return await fetch_one(
        tx,
        """
        select count(*) as total, count(f.row_number) as refused,
            count(s.id) filter (where f.row_number is null) as known,
            max(r.row_number) as last_row
        from platform.email_import_rows as r
        left join email_import_refusals as f using (import_id, row_number)
        left join email_subscribers as s on s.team_id = $2 and s.email = r.email
        where r.import_id = $1
        """,
        import_id,
        team_id,
    )


async def set_judged_list(tx: Tx, *, team_id: UUID | None) -> None:
    """Say whose list `merge_rows` fills until the transaction ends, or that it is through."""
    await tx.execute(
        "select set_config('platform.judged_list', $1, true)", str(team_id) if team_id else ""
    )


async def merge_rows(
    tx: Tx, *, import_id: UUID, team_id: UUID, tenant_id: UUID, first: int, last: int
) -> Record:
    """Bring the rows that were not refused onto the list; the status of known ones stays.

    An address that came onto the suppression list meanwhile comes as what it was, as the trigger
    take_suppression has it: that asks for each row, and this for all at once.

    Returns how many addresses were new, and of how many known ones a name changed.
    """
    return await fetch_one(
        tx,
        f"""
        with taken as (
            select r.email, r.first_name, r.last_name, r.company
            from platform.email_import_rows as r
            where r.import_id = $1 and r.row_number between $4 and $5
                and not exists (
                    select from email_import_refusals as f
                    where f.import_id = r.import_id and f.row_number = r.row_number
                )
        ),
        seed as materialized (
            select gen_random_uuid()::text as secret,
                (extract(epoch from clock_timestamp()) * 1000)::bigint << 16 as began
        ),
        barred as (
            select distinct on (b.email) b.email, b.reason, b.created_at
            from (
                select r.email, b.reason, b.created_at
                from taken as r
                join suppressions as b on b.identity_hash = {_HASH}
                where b.tenant_id = $3 and b.channel = 'email'
                    and (b.team_id is null or b.team_id = $2 or b.reason = 'complained')
                union all
                select r.email, o.status, now()
                from taken as r
                join email_subscribers as o on o.email = r.email
                where o.tenant_id = $3 and o.status = 'complained'
            ) as b
            order by b.email,
                array_position(array['complained', 'bounced', 'unsubscribed', 'erased'], b.reason),
                b.created_at desc
        ),
        merged as (
            insert into email_subscribers as s (
                id, tenant_id, team_id, email, first_name, last_name, company, source, metadata,
                status, unsubscribed_at
            )
            select {_ORDERED_ID}, $3, $2, r.email, r.first_name, r.last_name, r.company, 'import',
                jsonb_build_object('import_id', $1::uuid),
                case
                    when b.reason is null then 'active'
                    when b.reason in ('complained', 'bounced') then b.reason
                    else 'unsubscribed'
                end,
                case when b.reason in ('unsubscribed', 'erased') then b.created_at end
            from (
                select t.*, row_number() over (order by t.email) as place,
                    substr(sha256(convert_to(seed.secret || t.email, 'UTF8')), 1, 8) as chance
                from taken as t, seed
            ) as r
            cross join seed
            left join barred as b using (email)
            order by r.place
            on conflict (team_id, email) do update set
                first_name = coalesce(excluded.first_name, s.first_name),
                last_name = coalesce(excluded.last_name, s.last_name),
                company = coalesce(excluded.company, s.company)
            where s.status in ('active', 'pending')
                and (s.first_name, s.last_name, s.company) is distinct from (
                    coalesce(excluded.first_name, s.first_name),
                    coalesce(excluded.last_name, s.last_name),
                    coalesce(excluded.company, s.company)
                )
            returning (s.xmax = 0) as is_new
        )
        select count(*) filter (where is_new) as imported,
            count(*) filter (where not is_new) as updated
        from merged
        """,
        import_id,
        team_id,
        tenant_id,
        first,
        last,
    )


async def set_checked(tx: Tx, *, import_id: UUID, total: int, known: int, refused: int) -> None:
    """Note what a file would bring."""
    await tx.execute(
        """
        update email_imports
        set state = 'checked', total_count = $2, known_count = $3, refused_count = $4,
            new_count = $2::integer - $3::integer - $4::integer
        where id = $1
        """,
        import_id,
        total,
        known,
        refused,
    )


async def set_done(
    tx: Tx, *, import_id: UUID, total: int, refused: int, imported: int, updated: int
) -> None:
    """Note what a file has brought, and let the file itself go."""
    await tx.execute(
        """
        update email_imports
        set state = 'done', total_count = $2, refused_count = $3, imported_count = $4,
            updated_count = $5, content = null, finished_at = now()
        where id = $1
        """,
        import_id,
        total,
        refused,
        imported,
        updated,
    )


async def list_refusals(tx: Tx, *, import_id: UUID, limit: int | None) -> list[Record]:
    """List the rows of a file that are not taken, in its order."""
    return await tx.fetch(
        """
        select row_number, email, reason, cells from email_import_refusals
        where import_id = $1
        order by row_number
        limit $2
        """,
        import_id,
        limit,
    )


async def count_refusals(tx: Tx, *, import_id: UUID) -> dict[str, int]:
    """Count the refused rows of a file by reason."""
    rows = await tx.fetch(
        """
        select reason, count(*) as count from email_import_refusals
        where import_id = $1
        group by reason
        order by count desc, reason
        """,
        import_id,
    )
    return {row["reason"]: row["count"] for row in rows}
