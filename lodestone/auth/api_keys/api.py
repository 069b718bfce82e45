"""Keys by program: who a key is, and making and ending keys with one of scope `admin`."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from lodestone.auth.api_keys import service
from lodestone.auth.api_keys.models import ApiKey, KeyRequest, NewKey
from lodestone.auth.dependencies import AccountHolder, CurrentUser

router = APIRouter(prefix="/api/identity", tags=["identity"])


class Caller(BaseModel):
    """Who the request came from, and what it may do."""

    user_id: UUID
    email: str
    name: str | None
    username: str | None
    may_write: bool = Field(description="Whether the credential may change things.")
    may_administer: bool = Field(description="Whether it may manage the account and its keys.")
    team_id: UUID | None = Field(description="The one team that the key works in, if it is bound.")


@router.get("/me")
async def tell_who_calls(user: CurrentUser) -> Caller:
    """Tell who the key, token or session belongs to."""
    return Caller(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        username=user.username,
        may_write=user.holder is None or not user.holder.is_readonly,
        may_administer=user.may_administer,
        team_id=user.bound_team_id,
    )


@router.get("/keys")
async def list_keys(user: AccountHolder) -> list[ApiKey]:
    """List the account's API keys, those that work first."""
    return await service.list_keys(user)


@router.post("/keys", status_code=201)
async def create_key(user: AccountHolder, given: KeyRequest) -> NewKey:
    """Make an API key. Its text is in this answer and can't be read again."""
    return await service.create_key(user, given=given)


@router.delete("/keys/{key_id}", status_code=204)
async def revoke_key(user: AccountHolder, key_id: UUID) -> Response:
    """End an API key at once."""
    await service.revoke_key(user, key_id=key_id)
    return Response(status_code=204)
