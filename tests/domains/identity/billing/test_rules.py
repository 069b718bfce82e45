"""How Stripe's words are read."""

from datetime import UTC, datetime, timedelta

import pytest

from lodestone.domains.identity.billing import rules
from lodestone.domains.identity.billing.models import Mirror, Period, Plan, Price
from lodestone.domains.identity.billing.models import SubscriptionStatus as Status

PRICES = {"pro": "price_pro", "unlimited": "price_unlimited"}
START = datetime(2026, 1, 1, tzinfo=UTC)


def _mirror(name: str, status: Status, *, day: int = 0) -> Mirror:
    created = START + timedelta(days=day)
    return Mirror(name, "cus_1", "si_1", Plan.PRO, status, None, None, False, created)


class TestTheSubscriptionThatCounts:
    def test_is_one_that_runs_however_old(self) -> None:
        found = [_mirror("old", Status.ACTIVE), _mirror("new", Status.INCOMPLETE, day=9)]
        chosen = rules.choose(found)
        assert chosen is not None
        assert chosen.subscription_id == "old"

    def test_is_the_newest_of_two_that_run(self) -> None:
        found = [_mirror("new", Status.ACTIVE, day=9), _mirror("old", Status.ACTIVE)]
        chosen = rules.choose(found)
        assert chosen is not None
        assert chosen.subscription_id == "new"

    def test_is_the_one_we_know_when_none_runs(self) -> None:
        found = [_mirror("known", Status.CANCELED), _mirror("new", Status.INCOMPLETE, day=9)]
        chosen = rules.choose(found, held_id="known")
        assert chosen is not None
        assert chosen.subscription_id == "known"

    def test_is_none_where_there_is_none(self) -> None:
        assert rules.choose([]) is None


class TestReading:
    @pytest.mark.parametrize("given", [{}, {"id": "sub_1", "items": None}, {"items": {"data": 1}}])
    def test_says_when_a_subscription_is_not_whole(self, given: dict[str, object]) -> None:
        with pytest.raises(rules.Unreadable):
            rules.read_subscription(given, prices=PRICES)

    def test_finds_the_subscription_of_an_invoice_in_both_shapes(self) -> None:
        today = {"parent": {"subscription_details": {"subscription": "sub_1"}}}
        assert rules.read_invoice_subscription(today) == "sub_1"
        assert rules.read_invoice_subscription({"subscription": {"id": "sub_2"}}) == "sub_2"
        assert rules.read_invoice_subscription({"parent": None}) is None

    @pytest.mark.parametrize(
        ("amount", "currency", "said"),
        [
            (4900, "usd", "$49"),
            (4950, "eur", "€49.50"),
            (120000, "chf", "CHF 1,200"),
            (4900, "jpy", "JPY 4,900"),
            (None, "usd", "on request"),
        ],
    )
    def test_writes_prices_as_people_do(self, amount: int | None, currency: str, said: str) -> None:
        assert rules.say_price(Price(amount, currency, "month")) == said

    @pytest.mark.parametrize(
        ("text", "period", "limit"),
        [
            ("5", Period.MONTH, 5),
            (" 0 ", Period.TOTAL, 0),
            ("", Period.TOTAL, None),
            (None, Period.FEATURE, 0),
            ("true", Period.FEATURE, None),
        ],
    )
    def test_reads_limits(self, text: str | None, period: Period, limit: int | None) -> None:
        assert rules.read_limit(text, period=period, most=100) == limit
