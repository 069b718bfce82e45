"""The use cases of identity, and the door for other domains."""

from uuid import UUID

from lodestone.domains.identity import queries
from lodestone.domains.identity.models import Workspace
from lodestone.domains.identity.scope import CurrentScope, enter_workspace
from lodestone.domains.identity.teams.models import Scope, ScopeKind, TeamRole
from lodestone.platform.database import Tx

__all__ = [
    "CurrentScope",
    "Scope",
    "ScopeKind",
    "TeamRole",
    "Workspace",
    "enter_workspace",
    "get_workspace",
]


async def get_workspace(tx: Tx, *, user_id: UUID) -> Workspace:
    """Return where a person works. Raises NotFound when the account is invisible."""
    return Workspace.model_validate(dict(await queries.get_workspace(tx, user_id=user_id)))
