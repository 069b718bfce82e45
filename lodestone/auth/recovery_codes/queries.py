"""The SQL of recovery codes."""

from uuid import UUID

from lodestone.platform.database import Tx


async def replace_codes(tx: Tx, *, user_id: UUID, hashes: list[str]) -> None:
    await tx.execute("delete from public.user_recovery_codes where user_id = $1", user_id)
    await tx.execute(
        """
        insert into public.user_recovery_codes (user_id, code_hash)
        select $1, unnest($2::text[])
        """,
        user_id,
        hashes,
    )


async def delete_codes(tx: Tx, *, user_id: UUID) -> None:
    await tx.execute("delete from public.user_recovery_codes where user_id = $1", user_id)


async def use_code(tx: Tx, *, user_id: UUID, code_hash: str) -> bool:
    """Return whether there was such a code, which is used from now on."""
    found = await tx.fetchval(
        """
        update public.user_recovery_codes set used_at = now()
        where user_id = $1 and code_hash = $2 and used_at is null
        returning id
        """,
        user_id,
        code_hash,
    )
    return found is not None


async def count_left(tx: Tx, *, user_id: UUID) -> int:
    found: int = await tx.fetchval(
        "select count(*) from public.user_recovery_codes where user_id = $1 and used_at is null",
        user_id,
    )
    return found
