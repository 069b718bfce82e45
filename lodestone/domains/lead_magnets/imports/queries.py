"""The SQL of imports."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from lodestone.platform.database import Tx


async def update_tool(tx: Tx, *, lead_magnet_id: UUID, config: Mapping[str, Any]) -> None:
    """Write the tool that a magnet is."""
    await tx.execute(
        "update lead_magnets set interactive_config = $2 where id = $1",
        lead_magnet_id,
        dict(config),
    )
