"""The use cases of identity, and the door for other domains."""

from uuid import UUID

from lodestone.domains.identity import queries
from lodestone.domains.identity.billing.models import BillingSummary, Plan, Resource, Usage
from lodestone.domains.identity.billing.service import (
    UpgradeNeeded,
    UsageLimitExceeded,
    check_and_count,
    find_reached_limit,
    get_summary,
    limits_told,
    require_feature,
)
from lodestone.domains.identity.models import Workspace
from lodestone.domains.identity.scope import CurrentScope, enter_workspace
from lodestone.domains.identity.teams.models import Scope, ScopeKind, TeamRole
from lodestone.platform.database import Tx

__all__ = [
    "BillingSummary",
    "CurrentScope",
    "Plan",
    "Resource",
    "Scope",
    "ScopeKind",
    "TeamRole",
    "UpgradeNeeded",
    "Usage",
    "UsageLimitExceeded",
    "Workspace",
    "check_and_count",
    "enter_workspace",
    "find_reached_limit",
    "get_summary",
    "get_workspace",
    "limits_told",
    "require_feature",
]


async def get_workspace(tx: Tx, *, user_id: UUID) -> Workspace:
    """Return where a person works. Raises NotFound when the account is invisible."""
    return Workspace.model_validate(dict(await queries.get_workspace(tx, user_id=user_id)))
