"""The SQL of the installation's switches."""

from lodestone.platform.database import Tx


async def get_switch(tx: Tx, *, key: str) -> str | None:
    """Return the value of a switch, None when it was never set."""
    found: str | None = await tx.fetchval("select value from app_settings where key = $1", key)
    return found


async def set_switch(tx: Tx, *, key: str, value: str) -> None:
    """Turn a switch."""
    await tx.execute(
        """
        insert into app_settings (key, value) values ($1, $2)
        on conflict (key) do update set value = excluded.value
        """,
        key,
        value,
    )
