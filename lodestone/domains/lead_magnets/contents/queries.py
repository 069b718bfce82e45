"""The SQL of contents."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_MISSING = "There is no such lead magnet."
_VERSION = """
    case when jsonb_typeof(polished_content -> 'version') = 'number'
        then (polished_content ->> 'version')::numeric::int else 0 end
"""


async def get_layers(tx: Tx, *, lead_magnet_id: UUID) -> Record:
    """Return every layer of a magnet's content. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(
        f"""
        select id, user_id, team_id, title, archetype, status, pain_point, target_audience,
            short_description, concept, extracted_content, generated_content, polished_content,
            {_VERSION} as version
        from lead_magnets where id = $1
        """,
        lead_magnet_id,
    )
    if row is None:
        raise NotFound(_MISSING)
    return row


async def update_polished(
    tx: Tx, *, lead_magnet_id: UUID, polished: Mapping[str, Any], begun_with: int | None
) -> int | None:
    """Write what is read as the next version; None when it is not the one begun with any more.

    Without `begun_with` it is written whatever stands there.
    """
    version: int | None = await tx.fetchval(
        f"""
        update lead_magnets
        set polished_content = $2::jsonb || jsonb_build_object('version', {_VERSION} + 1),
            polished_at = now()
        where id = $1 and ($3::int is null or {_VERSION} = $3)
        returning (polished_content ->> 'version')::int
        """,
        lead_magnet_id,
        dict(polished),
        begun_with,
    )
    return version


async def update_extracted(tx: Tx, *, lead_magnet_id: UUID, extracted: Mapping[str, Any]) -> None:
    """Write what the author said. Raises NotFound when the magnet is invisible."""
    written = await tx.fetchval(
        "update lead_magnets set extracted_content = $2 where id = $1 returning true",
        lead_magnet_id,
        dict(extracted),
    )
    if written is None:
        raise NotFound(_MISSING)


async def merge_generated(
    tx: Tx, *, lead_magnet_id: UUID, values: Mapping[str, Any], deleted: Sequence[str]
) -> dict[str, Any]:
    """Put fields over those of the draft, take some away; return the draft as it is then.

    Raises NotFound when the magnet is invisible.
    """
    merged: dict[str, Any] | None = await tx.fetchval(
        """
        update lead_magnets
        set generated_content = (coalesce(generated_content, '{}') || $2::jsonb) - $3::text[]
        where id = $1
        returning generated_content
        """,
        lead_magnet_id,
        dict(values),
        list(deleted),
    )
    if merged is None:
        raise NotFound(_MISSING)
    return merged


async def find_last_work(tx: Tx, *, lead_magnet_id: UUID) -> Record | None:
    """Find the last long work on a magnet's content that the actor sees."""
    return await tx.fetchrow(
        """
        select id, job_type as kind, status, error, trigger_task_id as task_id, result
        from background_jobs
        where job_type in ('content-polish', 'content-generation')
            and input ->> 'lead_magnet_id' = $1
        order by created_at desc
        limit 1
        """,
        str(lead_magnet_id),
    )


async def update_result(tx: Tx, *, job_id: UUID, changes: Mapping[str, Any]) -> None:
    """Put fields over those of a work's result."""
    await tx.execute(
        "update background_jobs set result = coalesce(result, '{}') || $2::jsonb where id = $1",
        job_id,
        dict(changes),
    )
