"""The data API as supabase-js uses it: `js/data.js` calls every method of every builder."""

import pytest

from tests.contract.conftest import Place
from tests.contract.node import Outcome, needs_client, run_script
from tests.rest.conftest import sign

pytestmark = needs_client

# What a program can't call: parts of other methods, and one that a subclass hides.
INTERNAL = [
    "PostgrestBuilder.processResponse",
    "PostgrestBuilder.returns",
    "PostgrestQueryBuilder.cloneRequestState",
]


@pytest.fixture(scope="module")
def outcome(place: Place) -> Outcome:
    """What the script found."""
    return run_script(
        "data.js",
        address=place.address,
        anon=place.anon,
        token=place.token(),
        stranger=place.token(),
        forged=place.token()[:-4] + "AAAA",
        expired=sign(place.settings, role="authenticated", exp=1),
        allowsRollback=False,
    )


class TestSupabaseJs:
    def test_every_claim_holds(self, outcome: Outcome) -> None:
        assert outcome.failures == {}
        assert outcome.claims >= 60

    def test_every_method_of_every_builder_is_called(self, outcome: Outcome) -> None:
        assert [name for name in outcome.unused if name not in INTERNAL] == []
