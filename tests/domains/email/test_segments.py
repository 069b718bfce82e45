"""A segment means exactly whom its conditions mean, however they are put together."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.domains.email.segments import rules
from lodestone.domains.email.segments.models import Condition, Group, Join
from lodestone.domains.email.segments.service import compile_filter, read_filter
from lodestone.platform.errors import InvalidInput

NOW = datetime.now(UTC)
WORDS = ["", "Ann", "ann", "ANNA", "Bo", "50%_x", "O'Neil", "x\\y"]
TAGS = ["vip", "cold", "it's"]
SOURCES = ["manual", "import", "lead_magnet", None]
AGES = [None, 1, 5, 29, 31, 200]
MAGNETS = [uuid4(), uuid4()]

Person = dict[str, Any]


def _people() -> list[Person]:
    """Everybody differs in something from everybody else; each value meets many others."""
    people = []
    for number in range(96):
        opened = AGES[number % 6]
        people.append(
            {
                "id": uuid4(),
                "email": f"{WORDS[1 + number % 4].lower()}{number}@example.org",
                "first_name": WORDS[number % 8] or None,
                "company": WORDS[(number // 8) % 8] or None,
                "source": SOURCES[number % 4],
                "source_id": MAGNETS[0] if number % 4 == 2 else None,
                "consented": MAGNETS[1] if number % 5 == 0 else None,
                "tags": [tag for place, tag in enumerate(TAGS) if number >> place & 1],
                "plan": WORDS[(number // 3) % 8] or None,
                "last_opened_at": None if opened is None else NOW - timedelta(days=opened),
                "subscribed_at": NOW - timedelta(days=(number * 7) % 365, hours=6),
            }
        )
    return people


PEOPLE = _people()


def holds(part: Group | Condition, person: Person) -> bool:
    """Judge somebody the way a person reads a filter."""
    if isinstance(part, Group):
        judged = [holds(each, person) for each in part.parts]
        is_in = not judged or (all(judged) if part.join is Join.ALL else any(judged))
        return is_in is not part.is_negated
    return _holds(part, person)


def _holds(condition: Condition, person: Person) -> bool:
    field, op, value = condition.field, condition.op, condition.value
    if field == "tag":
        return (value in person["tags"]) is (op == "has")
    if field == "source":
        return ((person["source"] or "") == value) is (op == "is")
    if field == "lead_magnet":
        return (value in (person["source_id"], person["consented"])) is (op == "is")
    if field in ("last_opened_at", "subscribed_at"):
        return _holds_at(op, value, person[field])
    text = str(person["plan" if field == "custom" else field] or "").lower()
    given_text = str(value or "").lower()
    return {
        "is": text == given_text,
        "is_not": text != given_text,
        "contains": given_text in text,
        "not_contains": given_text not in text,
        "starts_with": text.startswith(given_text),
        "ends_with": text.endswith(given_text),
        "is_empty": text == "",
        "is_not_empty": text != "",
    }[op]


def _holds_at(op: str, value: Any, moment: datetime | None) -> bool:
    if op in ("never", "ever"):
        return (moment is None) is (op == "never")
    if op.endswith("_days"):
        is_in = moment is not None and moment >= datetime.now(UTC) - timedelta(days=value)
        return is_in is (op == "in_last_days")
    if moment is None:
        return False
    start = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return moment < start if op == "before" else moment >= start + timedelta(days=1)


_TEXTS = st.sampled_from([word for word in WORDS if word] + ["nn", "%", "_", "\\"])
_DAYS = st.integers(1, 400)
_DATES = st.dates(NOW.date() - timedelta(days=400), NOW.date())


def _text_conditions(field: str, key: str | None = None) -> st.SearchStrategy[Any]:
    return st.builds(
        lambda op, value: {"field": field, "op": op, "value": value, "key": key},
        st.sampled_from(list(rules.TEXT)),
        _TEXTS,
    )


def _date_conditions(field: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(list(rules.DATES)).flatmap(
        lambda op: st.builds(
            lambda value: {"field": field, "op": op, "value": value},
            _DAYS if op.endswith("_days") else _DATES.map(date.isoformat),
        )
    )


_CONDITIONS = st.one_of(
    _text_conditions("first_name"),
    _text_conditions("company"),
    _text_conditions("custom", "plan"),
    _date_conditions("last_opened_at"),
    _date_conditions("subscribed_at"),
    st.builds(
        lambda op, value: {"field": "tag", "op": op, "value": value},
        st.sampled_from(["has", "has_not"]),
        st.sampled_from(TAGS),
    ),
    st.builds(
        lambda op, value: {"field": "lead_magnet", "op": op, "value": str(value)},
        st.sampled_from(["is", "is_not"]),
        st.sampled_from(MAGNETS),
    ),
    st.builds(
        lambda op, value: {"field": "source", "op": op, "value": value},
        st.sampled_from(["is", "is_not"]),
        st.sampled_from(["manual", "import"]),
    ),
)
_FILTERS = st.recursive(
    _CONDITIONS,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=4)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, max_size=4)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def filtered(database_url: str) -> Iterator[Any]:
    """A list with everybody on it, and a way to ask for those whom a filter means."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(database_url))
        team_id = runner.run(_fill(connection))

        def ask(group: Group) -> set[UUID]:
            condition, values = compile_filter(group, first=2)
            query = f"select s.id from email_subscribers as s where s.team_id = $1 and {condition}"
            rows = runner.run(connection.fetch(query, team_id, *values))
            return {row["id"] for row in rows}

        yield ask
        runner.run(connection.close())


async def _fill(connection: asyncpg.Connection) -> UUID:
    handle = uuid4().hex[:12]
    await connection.execute("set timezone = 'utc'")
    tenant_id = await connection.fetchval(
        "insert into tenants (name, email, business_name, slug) values ('T', $1, 'T', $2)"
        " returning id",
        f"{handle}@example.com",
        handle,
    )
    user_id = await connection.fetchval(
        "insert into users (email, name, username) values ($1, 'O', $2) returning id",
        f"{handle}@example.com",
        handle,
    )
    team_id: UUID = await connection.fetchval(
        "insert into teams (owner_id, name) values ($1, 'T') returning id", user_id
    )
    for person in PEOPLE:
        await connection.execute(
            """
            insert into email_subscribers (
                id, tenant_id, team_id, email, first_name, company, source, source_id, metadata,
                last_opened_at, subscribed_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11)
            """,
            person["id"],
            tenant_id,
            team_id,
            person["email"],
            person["first_name"],
            person["company"],
            person["source"],
            person["source_id"],
            json.dumps({"tags": person["tags"], "plan": person["plan"]}),
            person["last_opened_at"],
            person["subscribed_at"],
        )
        if person["consented"] is not None:
            await connection.execute(
                "insert into email_consents (tenant_id, team_id, subscriber_id, act, source_id)"
                " values ($1, $2, $3, 'opted_in', $4)",
                tenant_id,
                team_id,
                person["id"],
                person["consented"],
            )
    return team_id


class TestAFilter:
    @settings(max_examples=250)
    @given(filter_=_FILTERS)
    def test_means_in_sql_what_it_means_to_a_reader(self, filtered: Any, filter_: Any) -> None:
        group = read_filter(filter_)
        assert filtered(group) == {person["id"] for person in PEOPLE if holds(group, person)}

    @pytest.mark.parametrize(
        "given_filter",
        [
            {"field": "password", "op": "is", "value": "x"},
            {"field": "email; drop table users", "op": "is", "value": "x"},
            {"field": "email", "op": "= '' or true --", "value": "x"},
            {"field": "subscribed_at", "op": "in_last_days", "value": "1; select 1"},
            {"field": "subscribed_at", "op": "before", "value": "yesterday"},
            {"field": "lead_magnet", "op": "is", "value": "not an id"},
            {"field": "custom", "op": "is", "value": "x"},
            {"field": "tag", "op": "has", "value": ""},
            {"field": "email", "op": "is", "value": "a\x00b"},
            {"all": "everything"},
            {"any": [1]},
            [],
            {"not": {"not": {"not": {"not": {"not": {"not": {"all": []}}}}}}},
            {"all": [{"field": "email", "op": "is", "value": "x"}] * 61},
        ],
    )
    def test_is_refused_when_it_is_none(self, given_filter: Any) -> None:
        with pytest.raises(InvalidInput) as refusal:
            read_filter(given_filter)
        assert set(refusal.value.fields) == {"filter"}
