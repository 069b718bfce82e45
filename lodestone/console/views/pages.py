"""What the Views menu of a list asks for."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from pydantic import BaseModel
from starlette.responses import Response

from lodestone.auth.dependencies import CurrentUser, OneTx, UserTx
from lodestone.console.views import queries
from lodestone.domains.identity.service import CurrentScope
from lodestone.platform.errors import InvalidInput

MOST_PER_LIST = 50

router = APIRouter(include_in_schema=False, prefix="/app/views")


class SavedView(BaseModel):
    """A kept view."""

    id: UUID
    name: str
    query: str


@router.get("")
async def list_saved_views(
    user: CurrentUser,
    scope: CurrentScope,
    tx: OneTx,
    list: str,  # noqa: A002
) -> list[SavedView]:
    rows = await queries.list_saved_views(
        tx, user_id=user.user_id, team_id=scope.team_id, path=list
    )
    return [SavedView.model_validate(dict(row)) for row in rows]


@router.post("")
async def keep_view(
    user: CurrentUser,
    scope: CurrentScope,
    tx: UserTx,
    *,
    list: Annotated[str, Form(max_length=200, pattern="^/app/")],  # noqa: A002
    name: Annotated[str, Form(max_length=200)],
    query: Annotated[str, Form(max_length=2_000, pattern=r"^(\?.*)?$")] = "",
) -> Response:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 40:
        sentence = "Give the view a name of at most 40 characters."
        raise InvalidInput(sentence, fields={"name": sentence})
    kept = await queries.count_saved_views(
        tx, user_id=user.user_id, team_id=scope.team_id, path=list, besides=name
    )
    if kept >= MOST_PER_LIST:
        raise InvalidInput(f"A list keeps at most {MOST_PER_LIST} views: forget one first.")
    await queries.upsert_saved_view(
        tx, user_id=user.user_id, team_id=scope.team_id, path=list, name=name, query=query
    )
    return Response(status_code=204)


@router.post("/{view_id}/forget")
async def forget_view(view_id: UUID, user: CurrentUser, tx: UserTx) -> Response:
    await queries.delete_saved_view(tx, view_id=view_id)
    return Response(status_code=204)
