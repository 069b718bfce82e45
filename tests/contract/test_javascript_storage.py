"""Files as supabase-js uses them: `js/storage.js` calls every method of the storage client."""

from uuid import uuid4

import pytest

from tests.contract.conftest import Place
from tests.contract.node import Outcome, needs_client, run_script

pytestmark = needs_client

# Kinds of buckets that this product does not offer, and parts of other methods.
NOT_SPOKEN = ("vectors", "analytics")
INTERNAL = (
    "encodeMetadata",
    "handleOperation",
    "listBucketOptionsToQueryString",
    "toBase64",
    "uploadOrUpdate",
    "applyTransformOptsToQuery",
)


@pytest.fixture(scope="module")
def outcome(place: Place) -> Outcome:
    """What the script found."""
    user, other = uuid4(), uuid4()
    return run_script(
        "storage.js",
        address=place.address,
        anon=place.anon,
        service=place.service,
        user=str(user),
        token=place.token(user),
        other=str(other),
        stranger=place.token(other),
    )


class TestSupabaseJs:
    def test_every_claim_holds(self, outcome: Outcome) -> None:
        assert outcome.failures == {}
        assert outcome.claims >= 9

    def test_every_method_is_called(self, outcome: Outcome) -> None:
        left = {name.partition(".")[2] for name in outcome.unused}
        assert left - {*NOT_SPOKEN, *INTERNAL} == set()
