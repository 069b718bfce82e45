"""The use cases of the catalogue."""

from uuid import UUID

from lodestone.domains.identity.teams.catalogue import queries
from lodestone.domains.identity.teams.catalogue.models import CatalogueCard
from lodestone.platform.database import Tx


async def list_cards(tx: Tx, *, search: str | None = None) -> list[CatalogueCard]:
    """Return the lead magnets of everybody who opened their catalogue to the person, by owner."""
    rows = await queries.list_cards(tx, search=search)
    return [CatalogueCard.model_validate(dict(row)) for row in rows]


async def reads_any(tx: Tx, *, user_id: UUID) -> bool:
    """Return whether anybody has opened their catalogue to the person."""
    return await queries.reads_any(tx, user_id=user_id)
