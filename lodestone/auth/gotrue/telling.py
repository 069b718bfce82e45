"""What /auth/v1 tells everybody: its settings, its keys, that it is there."""

from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lodestone.auth import accounts
from lodestone.auth.gotrue.answers import answer
from lodestone.auth.gotrue.errors import GoTrueError
from lodestone.auth.providers import service as providers
from lodestone.platform import runtime

_OTHERS = (
    *("anonymous_users", "apple", "azure", "bitbucket", "discord", "facebook", "figma", "fly"),
    *("github", "gitlab", "keycloak", "kakao", "linkedin", "linkedin_oidc", "notion", "phone"),
    *("slack", "slack_oidc", "spotify", "twitch", "twitter", "workos", "zoom"),
)


async def settings(_: Request) -> Response:
    """GET /settings."""
    external = dict.fromkeys(_OTHERS, False)
    options = runtime.current().accounts
    return answer(
        {
            "external": {**external, "email": True, "google": providers.is_configured()},
            "disable_signup": not accounts.may_sign_up(),
            "mailer_autoconfirm": not options.require_email_confirmation,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
        }
    )


async def health(_: Request) -> Response:
    """GET /health."""
    return answer(
        {
            "name": "GoTrue",
            "version": f"lodestone-{version('lodestone')}",
            "description": "Sign-in as GoTrue speaks it",
        }
    )


async def keys(_: Request) -> Response:
    """GET /.well-known/jwks.json: the public keys, which may be kept for ten minutes."""
    headers = {"cache-control": "public, max-age=600"}
    return JSONResponse(runtime.current().tokens.public_jwks(), headers=headers)


async def sso_disabled(_: Request) -> Response:
    """POST /sso: there is no SAML here."""
    raise GoTrueError("SAML 2.0 is disabled", code="saml_provider_disabled", status=404)
