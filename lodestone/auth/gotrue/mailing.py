"""What ends in a mail, or begins with one: sign-up, links, codes, recovery, their verification."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from lodestone.auth import accounts, proofs, redirects
from lodestone.auth.accounts import Via
from lodestone.auth.clients import service as clients
from lodestone.auth.clients.models import ClientTokens
from lodestone.auth.gotrue import asking
from lodestone.auth.gotrue.answers import (
    answer,
    led_with_code,
    led_with_error,
    led_with_tokens,
    session_body,
    unconfirmed_body,
)
from lodestone.auth.gotrue.errors import GoTrueError, told
from lodestone.auth.one_time.models import Kind
from lodestone.auth.proofs import Proof
from lodestone.platform import runtime
from lodestone.platform.actors import Root
from lodestone.platform.database import Tx
from lodestone.platform.errors import LodestoneError

OTP = "otp"
_CONFIRMING = (Kind.SIGNUP, Kind.INVITE)
_RECOVERING = (Kind.RECOVERY, Kind.MAGICLINK)
KINDS: dict[str, tuple[Kind, ...]] = {
    "signup": _CONFIRMING,
    "invite": _CONFIRMING,
    "recovery": _RECOVERING,
    "magiclink": _RECOVERING,
    "email": accounts.PROVING_KINDS,
    "email_change": (Kind.EMAIL_CHANGE,),
}


async def sign_up(request: Request) -> Response:
    """POST /signup."""
    body = await asking.read_body(request)
    asking.refuse_phone(body)
    if not body.get("email"):
        raise GoTrueError(
            "Anonymous sign-ins are disabled", code="anonymous_provider_disabled", status=422
        )
    metadata = asking.mapping(body, "data") or {}
    done = await accounts.sign_up(
        email=asking.required(body, "email", "Signup requires a valid email"),
        password=asking.required(body, "password", "Signup requires a valid password"),
        metadata=metadata,
        address=asking.address_of(request),
        via=_via(request, body),
    )
    if done.is_confirmation_needed or done.user_id is None:
        shown = unconfirmed_body(user_id=done.user_id, email=done.email, metadata=metadata)
        return answer(shown)
    async with runtime.acting_as(Root()) as tx:
        tokens = await clients.open_client(
            tx,
            user_id=done.user_id,
            method="password",
            user_agent=request.headers.get("user-agent"),
        )
    return answer(session_body(tokens))


async def send_otp(request: Request) -> Response:
    """POST /otp and /magiclink: a link and six digits."""
    body = await asking.read_body(request)
    asking.refuse_phone(body)
    await accounts.request_magic_link(
        email=asking.required(body, "email", "One of email or phone must be set"),
        address=asking.address_of(request),
        may_create=asking.flag(body, "create_user", default=True),
        metadata=asking.mapping(body, "data"),
        via=_via(request, body),
    )
    return answer({})


async def recover(request: Request) -> Response:
    """POST /recover."""
    body = await asking.read_body(request)
    await accounts.request_recovery(
        email=asking.required(body, "email", "Password recovery requires an email"),
        address=asking.address_of(request),
        via=_via(request, body),
    )
    return answer({})


async def resend(request: Request) -> Response:
    """POST /resend: the mail of a sign-up or of a change of address."""
    body = await asking.read_body(request)
    asking.refuse_phone(body)
    kind = body.get("type")
    if kind not in ("signup", "email_change"):
        raise GoTrueError("Missing one of these types: signup, email_change, sms, phone_change")
    await accounts.resend(
        email=asking.required(body, "email", "Type provided requires an email address"),
        kind=Kind(kind),
        address=asking.address_of(request),
        via=_via(request, body),
    )
    return answer({})


async def verify(request: Request) -> Response:
    """POST /verify: a link's token, or an address and six digits; answers with a session."""
    body = await asking.read_body(request)
    if body.get("phone"):
        raise GoTrueError("Phone signups are disabled", code="phone_provider_disabled")
    kinds = _kinds(body.get("type"))
    token_hash = asking.text(body, "token_hash")
    address = asking.address_of(request)
    if token_hash is not None:
        attempt = await proofs.count_attempt(kinds=kinds, address=address, token=token_hash)
    else:
        attempt = await proofs.count_attempt(
            kinds=kinds,
            address=address,
            email=asking.required(
                body, "email", "Only an email address or phone number should be provided on verify"
            ),
            code=asking.required(body, "token", "Verify requires a token or a token hash"),
        )
    async with runtime.acting_as(Root()) as tx:
        tokens = await _open(tx, request, await proofs.prove(tx, attempt))
    return answer(session_body(tokens))


async def follow_link(request: Request) -> Response:
    """GET /verify: the mailed link; leads on with a session, a code or what went wrong."""
    query = request.query_params
    target = redirects.allowed(query.get("redirect_to"))
    token = query.get("token_hash") or query.get("token")
    try:
        if not token:
            raise GoTrueError("Verify requires a token or a token hash")
        attempt = await proofs.count_attempt(
            kinds=_kinds(query.get("type")), address=asking.address_of(request), token=token
        )
        # One transaction: a crash before the answer leaves the link as it was.
        async with runtime.acting_as(Root()) as tx:
            proof = await proofs.prove(tx, attempt)
            if proof.challenge is not None:
                code = await clients.issue_code(
                    tx, user_id=proof.user_id, method=OTP, challenge=proof.challenge
                )
                return led_with_code(target, code)
            tokens = await _open(tx, request, proof)
    except LodestoneError as error:
        return led_with_error(target, told(request, error))
    return led_with_tokens(target, tokens, kind=query.get("type"))


async def _open(tx: Tx, request: Request, proof: Proof) -> ClientTokens:
    return await clients.open_client(
        tx, user_id=proof.user_id, method=OTP, user_agent=request.headers.get("user-agent")
    )


def _via(request: Request, body: dict[str, Any]) -> Via:
    return Via(
        redirect_to=asking.lead_to(request, body),
        is_client=True,
        challenge=asking.challenge_of(body),
    )


def _kinds(name: object) -> tuple[Kind, ...]:
    found = KINDS.get(name) if isinstance(name, str) else None
    if found is None:
        raise GoTrueError("Verify requires a verification type")
    return found
