"""What a web server asks before it makes a certificate for a domain (Caddy's `ask`)."""

from fastapi import APIRouter
from starlette.responses import Response

from lodestone.domains.funnels.domains import rules, service
from lodestone.domains.funnels.domains.models import DomainStatus
from lodestone.platform.errors import NotFound

ASK_PATH = "/hooks/certificates"

router = APIRouter(include_in_schema=False)


@router.get(ASK_PATH)
async def may_have_certificate(domain: str = "") -> Response:
    """Answer 200 for a domain whose owner has shown that it is theirs, 404 for all others.

    Source: https://caddyserver.com/docs/caddyfile/options#on-demand-tls
    """
    try:
        name = rules.clean_domain(domain)
    except ValueError as error:
        raise NotFound("There is no such domain here.") from error
    state = await service.find_state(domain=name)
    if state not in {DomainStatus.VERIFIED, DomainStatus.ACTIVE} and name != service.target():
        raise NotFound("There is no such domain here.")
    return Response(status_code=200)
