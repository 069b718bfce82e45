"""What /auth/v1 tells everybody, and how it refuses."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from lodestone.platform.runtime import set_current
from lodestone.platform.tokens import TokenKeys
from tests.auth.gotrue.conftest import APP, PASSWORD, URL, Door, an_email


class TestTelling:
    async def test_says_how_people_sign_in(self, door: Door) -> None:
        browser = await door.browser()
        told = (await browser.get(f"{URL}/settings")).json()
        assert (told["disable_signup"], told["mailer_autoconfirm"]) == (False, False)
        assert [name for name, is_on in told["external"].items() if is_on] == ["email"]
        door.choose(sign_up="closed", require_email_confirmation=False, google_client_id="x")
        told = (await browser.get(f"{URL}/settings")).json()
        assert (told["disable_signup"], told["mailer_autoconfirm"]) == (True, True)
        assert told["external"]["google"] is True
        assert (await browser.get(f"{URL}/health")).json()["name"] == "GoTrue"

    async def test_shows_the_public_key_with_which_clients_verify(self, door: Door) -> None:
        browser = await door.browser()
        assert (await browser.get(f"{URL}/.well-known/jwks.json")).json() == {"keys": []}
        key = json.dumps(ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True))
        client = await door.member()
        tokens = TokenKeys("s" * 40, signing_key=key)
        set_current(replace(door.runtime, tokens=tokens))
        refreshed = (await client.refresh_session()).session
        assert refreshed is not None
        claims = await client.get_claims(refreshed.access_token)
        assert claims is not None
        assert claims["claims"]["sub"] == refreshed.user.id

    async def test_lets_browsers_of_other_sites_ask(self, door: Door) -> None:
        browser = await door.browser()
        asked = await browser.options(
            f"{URL}/token",
            headers={
                "origin": "https://app.example.com",
                "access-control-request-method": "POST",
                "access-control-request-headers": "apikey,x-client-info",
            },
        )
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-headers"] == "apikey,x-client-info"
        refused = await browser.post(
            f"{URL}/token?grant_type=password",
            json={"email": an_email(), "password": "x"},
            headers={"origin": "https://app.example.com", "sec-fetch-site": "cross-site"},
        )
        assert refused.status_code == 400
        assert refused.headers["access-control-allow-origin"] == "*"
        assert refused.headers["cache-control"] == "no-store"


class TestRefusing:
    @pytest.mark.parametrize(
        ("path", "body", "code"),
        [
            ("token?grant_type=password", b"{", "bad_json"),
            ("token?grant_type=password", b"[]", "bad_json"),
            ("token?grant_type=password", b"{}", "validation_failed"),
            ("token?grant_type=password", b'{"email": 1}', "validation_failed"),
            ("token?grant_type=password", b'{"email": "a\\u0000"}', "validation_failed"),
            ("token?grant_type=magic", b"{}", "invalid_credentials"),
            ("token?grant_type=refresh_token", b"{}", "validation_failed"),
            ("token?grant_type=pkce", b"{}", "validation_failed"),
            ("token?grant_type=id_token", b'{"provider": "apple"}', "validation_failed"),
            ("signup", b'{"email": "a@example.com", "password": 1}', "validation_failed"),
            ("otp", b'{"email": "a@example.com", "create_user": 1}', "validation_failed"),
            ("otp", b'{"phone": "+1"}', "phone_provider_disabled"),
            ("resend", b'{"email": "a@example.com", "type": "sms"}', "validation_failed"),
            ("verify", b'{"token_hash": "x"}', "validation_failed"),
            ("verify", b'{"token_hash": "x", "type": "signup"}', "otp_expired"),
            ("verify", b'{"type": "email", "token": "1"}', "validation_failed"),
            ("sso", b"{}", "saml_provider_disabled"),
            ("logout?scope=all", b"", "validation_failed"),
            ("factors", b"{}", "no_authorization"),
        ],
    )
    async def test_names_what_is_wrong(self, door: Door, path: str, body: bytes, code: str) -> None:
        answer = await (await door.browser()).post(f"{URL}/{path}", content=body)
        assert 400 <= answer.status_code < 500
        assert answer.json()["error_code"] == code, answer.text

    async def test_reads_no_endless_body(self, door: Door) -> None:
        answer = await (await door.browser()).post(f"{URL}/signup", content=b" " * 70_000)
        assert answer.status_code == 413


async def test_what_people_write_about_themselves_is_asked_by_no_rule(door: Door) -> None:
    found = await door.fetchval(
        "select count(*) from pg_policies where concat(qual, with_check) ~ '(user|app)_metadata'"
    )
    assert found == 0


async def test_a_mail_that_is_sent_twice_is_one(door: Door) -> None:
    """A worker that dies after sending leaves the job, which the next one does again."""
    email = an_email()
    await (await door.client()).sign_up(
        {"email": email, "password": PASSWORD, "options": {"email_redirect_to": APP}}
    )
    await door.execute(
        "insert into platform.jobs (entrypoint, payload, priority, status)"
        " select entrypoint, payload, priority, 'queued' from platform.jobs"
        " where entrypoint = 'identity:send_account_mail'"
    )
    assert len(await door.letters(email)) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/token?grant_type=password", {"email": "a@example.com", "password": "\ud800"}),
        ("/token?grant_type=password", {"email": "\udfff@example.com", "password": "x"}),
        ("/otp", {"email": "a@example.com", "data": {"name": ["\ud800"]}}),
        ("/otp", {"email": "a@example.com", "data": {"\ud800": 1}}),
    ],
)
async def test_half_a_character_is_refused(door: Door, path: str, body: dict[str, object]) -> None:
    browser = await door.browser()
    answer = await browser.post(f"{URL}{path}", content=json.dumps(body))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "bad_json")
