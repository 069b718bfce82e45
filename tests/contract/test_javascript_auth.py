"""Accounts as supabase-js uses them: `js/auth.js` calls every method that /auth/v1 answers."""

import pytest

from tests.contract.conftest import Place
from tests.contract.node import Outcome, needs_client, run_script

pytestmark = needs_client

# Parts of Supabase that this product does not offer, and what only a browser page calls.
NOT_SPOKEN = (
    "linkIdentityIdToken",
    "linkIdentityOAuth",
    "Passkey",
    "OAuthClient",
    "fetchJwk",
    "signInWithEthereum",
    "signInWithSolana",
)


@pytest.fixture(scope="module")
def outcome(place: Place) -> Outcome:
    """What the script found."""
    return run_script(
        "auth.js",
        address=place.address,
        anon=place.anon,
        service=place.service,
        confirmsEmail=place.settings.require_email_confirmation,
    )


class TestSupabaseJs:
    def test_every_claim_holds(self, outcome: Outcome) -> None:
        assert outcome.failures == {}
        assert outcome.claims > 15

    def test_every_method_is_called(self, outcome: Outcome) -> None:
        missing = [name for name in outcome.unused if not any(part in name for part in NOT_SPOKEN)]
        assert missing == []
