"""Rows of a file are read fast where they are plain, and always as the slow way reads them."""

from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID, uuid4

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from lodestone.domains.email.subscribers import rules
from lodestone.domains.email.subscribers.queries import imports as queries
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People

TEXT = st.text(
    alphabet=st.one_of(
        st.sampled_from(" \t\r\n\x00\x1f\x7f\u00a0\u2028\u200b.@-_'éßİ漢ab1"), st.characters()
    )
)
PART = st.text(alphabet="ab1.-_+' @é\"()", max_size=70)
ADDRESS = st.builds("{}@{}".format, PART, st.builds("{}.{}".format, PART, PART))
NEAR = st.from_regex(r"\s?[A-Za-z0-9._+-]{1,66}@[A-Za-z0-9-]{1,64}(\.[a-z0-9-]{1,64}){0,3}\s?")


def _one_by_one(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _validated(address: str) -> str | None:
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _expected(given: str, name: str) -> tuple[str | None, str | None, str | None]:
    email, first_name = _one_by_one(given), _one_by_one(name)
    if not email:
        return None, first_name or None, "empty"
    if len(email) > rules.LONGEST_ADDRESS or len(first_name) > rules.LONGEST_NAME:
        return email, first_name or None, "too_long"
    known = _validated(email.strip().lower())
    return known or email, first_name or None, None if known else "invalid"


@given(email=st.one_of(ADDRESS, NEAR, TEXT), name=TEXT)
@example(email="ann@example.com", name="x" * 101)
@example(email=f"{'a' * 65}@example.com", name="")
@example(email="Ünï@example.com", name="\u202e")
def test_a_row_is_read_as_the_validator_has_it(email: str, name: str) -> None:
    quoted = ('"' + cell.replace("\0", " ").replace('"', '""') + '"' for cell in (email, name))
    content = f"email,first_name\n{','.join(quoted)}\n".encode()
    sheet = rules.Sheet("utf-8", ",", ["email", "first_name"])
    rows = list(rules.read_rows(content, sheet, {"email": 0, "first_name": 1}))
    cells = (email.replace("\0", " "), name.replace("\0", " "))
    if not any(cell.strip() for cell in cells):
        assert rows == []
        return
    assert [(row.email, row.first_name, row.reason) for row in rows] == [_expected(*cells)]


_PLAIN_INSERT = "insert into email_subscribers (tenant_id, team_id, email) values ($1, $2, $3)"


def _may_stand(case: tuple[tuple[str, str], ...]) -> bool:
    """Return whether each place bars the address once at most."""
    return len({where for where, _ in case}) == len(case)


# Who may have barred an address: the list itself, the whole tenant, or another list of it.
BARS = [
    (place, reason)
    for place in ("own", "all", "other")
    for reason in ("unsubscribed", "bounced", "complained", "erased")
]
CASES = [case for size in range(3) for case in combinations(BARS, size) if _may_stand(case)]


@pytest.fixture
async def place(people: People) -> tuple[UUID, UUID, UUID]:
    """A tenant, its list, and another list of it."""
    tenant_id = await people.tenant()
    owner = await people.user(tenant_id=tenant_id)
    return tenant_id, await people.team(owner), await people.team(owner)


async def _bar(tx: Tx, tenant_id: UUID, teams: dict[str, UUID], case: Any, email: str) -> None:
    for days, (where, reason) in enumerate(case):
        await tx.execute(
            """
            insert into suppressions (
                tenant_id, team_id, channel, identity_hash, reason, created_at
            )
            values ($1, $2, 'email', platform.identity_hash($3), $4,
                timestamptz '2026-01-01' + $5 * interval '1 day')
            """,
            tenant_id,
            teams.get(where),
            email,
            reason,
            days,
        )


async def _merge(tx: Tx, place: tuple[UUID, UUID, UUID], emails: list[str]) -> tuple[int, int]:
    """Merge addresses that nothing barred when they were judged."""
    tenant_id, team_id, _ = place
    import_id = uuid4()
    await queries.stage_rows(
        tx, [(import_id, n, email, None, None, None, None, []) for n, email in enumerate(emails, 2)]
    )
    await queries.set_judged_list(tx, team_id=team_id)
    found = await queries.merge_rows(
        tx,
        import_id=import_id,
        team_id=team_id,
        tenant_id=tenant_id,
        first=1,
        last=len(emails) + 1,
    )
    await queries.set_judged_list(tx, team_id=None)
    await queries.delete_staged(tx, import_id=import_id)
    return found["imported"], found["updated"]


async def _standing(tx: Tx, team_id: UUID, email: str) -> tuple[str, datetime | None]:
    row = await tx.fetchrow(
        "select status, unsubscribed_at from email_subscribers where team_id = $1 and email = $2",
        team_id,
        email,
    )
    assert row is not None
    return row["status"], row["unsubscribed_at"]


async def test_what_is_barred_meanwhile_comes_as_the_trigger_has_it(
    database: Database, place: tuple[UUID, UUID, UUID]
) -> None:
    tenant_id, team_id, other_id = place
    teams = {"own": team_id, "other": other_id}
    pairs = [(f"m{n}@example.org", f"t{n}@example.org", case) for n, case in enumerate(CASES)]
    async with database.acting_as(Root()) as tx:
        for merged, single, case in pairs:
            await _bar(tx, tenant_id, teams, case, merged)
            await _bar(tx, tenant_id, teams, case, single)
            await tx.execute(_PLAIN_INSERT, tenant_id, team_id, single)
        assert await _merge(tx, place, [merged for merged, _, _ in pairs]) == (len(pairs), 0)
        for merged, single, case in pairs:
            found = await _standing(tx, team_id, merged)
            assert found == await _standing(tx, team_id, single), case


async def test_a_complaint_on_another_list_of_the_tenant_holds(
    database: Database, place: tuple[UUID, UUID, UUID]
) -> None:
    tenant_id, team_id, other_id = place
    async with database.acting_as(Root()) as tx:
        await tx.execute(_PLAIN_INSERT, tenant_id, other_id, "angry@example.org")
        await tx.execute(
            "update email_subscribers set status = 'complained' where team_id = $1", other_id
        )
        await _merge(tx, place, ["angry@example.org", "calm@example.org"])
        assert await _standing(tx, team_id, "angry@example.org") == ("complained", None)
        assert await _standing(tx, team_id, "calm@example.org") == ("active", None)
        versions = await tx.fetch(
            "select substr(id::text, 15, 1) as kind, substr(id::text, 20, 1) as variant"
            " from email_subscribers where team_id = $1",
            team_id,
        )
        assert all(row["kind"] == "7" and row["variant"] in "89ab" for row in versions)


async def test_nobody_but_the_jobs_may_call_a_list_judged(
    database: Database, place: tuple[UUID, UUID, UUID]
) -> None:
    tenant_id, team_id, other_id = place
    async with database.acting_as(Root()) as tx:
        for email in ("a@example.org", "b@example.org"):
            await _bar(tx, tenant_id, {}, [("all", "bounced")], email)
        await queries.set_judged_list(tx, team_id=other_id)
        await tx.execute(_PLAIN_INSERT, tenant_id, team_id, "a@example.org")
        assert (await _standing(tx, team_id, "a@example.org"))[0] == "bounced"
        user_id = await tx.fetchval("select owner_id from teams where id = $1", team_id)
    async with database.acting_as(Service(Writer.GTM_SYSTEM, user_id=user_id)) as tx:
        await queries.set_judged_list(tx, team_id=team_id)
        await tx.execute(_PLAIN_INSERT, tenant_id, team_id, "b@example.org")
        assert (await _standing(tx, team_id, "b@example.org"))[0] == "bounced"
