"""The SQL of the data screens."""

from lodestone.platform.database import Tx


async def list_domains(tx: Tx) -> dict[str, str]:
    """Return the domain of each table."""
    rows = await tx.fetch("select table_name, domain from access.ownership order by table_name")
    return {row["table_name"]: row["domain"] for row in rows}
