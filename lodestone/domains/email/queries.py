"""The SQL of links that mail carries."""

from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_subscriber(tx: Tx, *, subscriber_id: UUID) -> Record | None:
    """Find a subscriber with the name of the team that writes to them."""
    return await tx.fetchrow(
        """
        select s.id, s.email, s.status, coalesce(t.custom_site_name, t.name) as team_name
        from email_subscribers as s
        join teams as t on t.id = s.team_id
        where s.id = $1
        """,
        subscriber_id,
    )
