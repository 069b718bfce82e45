"""What our other services call. The external root is `/api`: signed paths begin behind it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from lodestone.domains.identity.services import rules, service
from lodestone.domains.identity.services.models import (
    AccountCreate,
    AccountMade,
    Action,
    Call,
    Caller,
)
from lodestone.platform.forms import parse, read_body, read_json

ROOT = "/api"

router = APIRouter(prefix=f"{ROOT}/identity", tags=["identity"])


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """The dependency that lets a service in whose key allows the action, and nobody else."""

    action: Action

    async def __call__(self, request: Request) -> Caller:
        """Return who calls. Raises as `service.authenticate`."""
        body = await read_body(request, most_bytes=rules.MOST_BODY_BYTES)
        return await service.authenticate(_call(request, body), action=self.action)


def _call(request: Request, body: bytes) -> Call:
    path = request.url.path.removeprefix(ROOT)
    return Call(
        method=request.method,
        path=f"{path}?{request.url.query}" if request.url.query else path,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        address=request.client.host if request.client else "",
    )


AccountMaker = Annotated[Caller, Depends(ServiceCaller(Action.CREATE_ACCOUNTS))]
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": AccountCreate.model_json_schema()}},
    }
}


@router.post(
    "/accounts",
    status_code=201,
    response_model=AccountMade,
    openapi_extra=_BODY,
    responses={
        200: {"model": AccountMade, "description": "The account was there before"},
        401: {"description": "The call is not signed by a service that is known here"},
        403: {"description": "The key of the service does not allow this"},
    },
)
async def create_account(request: Request, response: Response, caller: AccountMaker) -> AccountMade:
    """Make an account on the pro plan and invite its person, signed as a service."""
    given = parse(AccountCreate, await read_json(request, most_bytes=rules.MOST_BODY_BYTES))
    made = await service.create_account(caller, given=given)
    response.status_code = 200 if made.already_existed else 201
    return made
