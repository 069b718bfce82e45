"""A broadcast goes once to everybody it is for, and to nobody else."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, sign_up
from tests.domains.identity.teams import mails_to

PATH = "/app/broadcasts"


@pytest.fixture(scope="module")
async def writer(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.7") as browser:
        yield await sign_up(database, browser, name="Wanda Writer")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI, writer: Account) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.8") as browser:
        yield await sign_up(database, browser, name="Sven Stranger")


@pytest.fixture
def tag() -> str:
    """A tag of the people of one test alone."""
    return uuid4().hex


async def _ask(database: Database, query: str, *values: Any) -> Any:
    async with database.acting_as(Root()) as tx:
        return await tx.fetchval(query, *values)


async def add_people(database: Database, owner: Account, count: int, *, tag: str = "") -> list[str]:
    """Put people on somebody's list; return their addresses."""
    emails = [f"p{uuid4().hex[:12]}@example.org" for _ in range(count)]
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            """
            insert into email_subscribers (
                tenant_id, team_id, email, first_name, source, metadata)
            select p.tenant_id, t.id, g.email, 'Grace', 'manual',
                case when $3 = '' then '{}'::jsonb
                    else jsonb_build_object('tags', jsonb_build_array($3::text)) end
            from unnest($2::text[]) as g (email)
            cross join teams as t
            join profiles as p on p.id = t.owner_id
            where t.owner_id = $1 and t.is_personal
            """,
            owner.id,
            emails,
            tag,
        )
    return emails


async def draft(writer: Account, tag: str, **values: Any) -> str:
    """Write a draft through its editor; return its path."""
    made = await writer.browser.post(f"{PATH}/new")
    assert made.status_code == 303, made.text
    path: str = made.headers["location"]
    given = {
        "subject": "News for {{first_name|you}}",
        "body": "Hello {{first_name|there}}, [look](https://example.com/a?b=1&c=2).",
        "filter": json.dumps({"all": [{"field": "tag", "op": "has", "value": tag}]}),
        **values,
    }
    answer = await writer.browser.post(path, data=given)
    assert answer.status_code == 303, answer.text
    return path


async def send(writer: Account, path: str, **values: Any) -> httpx.Response:
    """Confirm with the number of people and send."""
    return await writer.browser.post(f"{path}/send", data=values)


async def _statuses(database: Database, path: str) -> dict[str, int]:
    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch(
            "select status, count(*) from email_outbox where broadcast_id = $1 group by 1",
            UUID(path.rsplit("/", 1)[1]),
        )
    return {row["status"]: row["count"] for row in rows}


class TestABroadcast:
    async def test_reaches_its_audience_once_with_their_names_and_a_way_out(
        self, tag: str, writer: Account, database: Database, database_url: str, runtime: Runtime
    ) -> None:
        chosen = await add_people(database, writer, 3, tag=tag)
        others = await add_people(database, writer, 2)
        path = await draft(writer, tag)
        page = await writer.browser.get(path)
        assert "Send to 3 people" in page.text
        assert (await send(writer, path, count=3)).status_code == 303
        await work_off(database_url)
        for email in chosen:
            (mail,) = mails_to(runtime, email)
            assert mail["Subject"] == "News for Grace"
            assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            html = mail.get_body(("html",))
            assert html is not None
            assert "Hello Grace" in html.get_content()
        assert not any(mails_to(runtime, email) for email in others)
        assert await _statuses(database, path) == {"sent": 3}
        shown = await writer.browser.get(path)
        assert shown.status_code == 200
        assert "Sent" in shown.text
        again = await send(writer, path, count=3)
        assert again.status_code in (303, 409)
        await work_off(database_url)
        assert await _statuses(database, path) == {"sent": 3}

    async def test_is_started_by_one_of_many_at_once(
        self, tag: str, writer: Account, database: Database, database_url: str
    ) -> None:
        await add_people(database, writer, 2, tag=tag)
        path = await draft(writer, tag)
        answers = await asyncio.gather(*(send(writer, path, count=2) for _ in range(5)))
        assert sorted(one.status_code for one in answers) == [303, 409, 409, 409, 409]
        await work_off(database_url)
        assert await _statuses(database, path) == {"sent": 2}

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"subject": ""}, "Write a subject."),
            ({"body": ""}, "Write something."),
            ({"body": "Hi {{shoe_size}}"}, "There is no {{shoe_size}}"),
            (
                {"filter": '{"any": [{"field": "tag", "op": "has", "value": "nobody"}]}'},
                "Nobody would get it.",
            ),
        ],
    )
    async def test_goes_nowhere_while_something_is_missing(
        self, tag: str, writer: Account, values: dict[str, str], field: str
    ) -> None:
        path = await draft(writer, tag, **values)
        answer = await send(writer, path)
        assert answer.status_code == 422
        assert field in answer.text.replace("&#39;", "'")

    async def test_asks_again_when_the_number_has_changed(
        self, tag: str, writer: Account, database: Database
    ) -> None:
        await add_people(database, writer, 20, tag=tag)
        path = await draft(writer, tag)
        answer = await send(writer, path, count=2)
        assert answer.status_code == 409
        assert "20" in answer.text

    async def test_leaves_out_the_holdout_and_whoever_left(
        self, tag: str, writer: Account, database: Database, database_url: str, runtime: Runtime
    ) -> None:
        people = await add_people(database, writer, 40, tag=tag)
        await _ask(
            database,
            "update email_subscribers set status = 'unsubscribed', unsubscribed_at = now()"
            " where email = $1",
            people[0],
        )
        path = await draft(writer, tag, holdout_percent="50")
        assert (await send(writer, path, count=39)).status_code == 303
        await work_off(database_url)
        found = await _statuses(database, path)
        assert found["sent"] + found["cancelled"] == 39
        assert 5 <= found["cancelled"] <= 34
        assert not mails_to(runtime, people[0])

    async def test_gives_the_better_wording_to_the_rest(
        self, tag: str, writer: Account, database: Database, database_url: str, runtime: Runtime
    ) -> None:
        await add_people(database, writer, 40, tag=tag)
        path = await draft(
            writer,
            tag,
            is_test="true",
            subject="Plain",
            subject_b="Bold",
            test_percent="50",
            winner_by="opened",
        )
        assert (await send(writer, path, count=40)).status_code == 303
        await work_off(database_url)
        first = await _statuses(database, path)
        assert first["queued"] > 0
        waiting = await _ask(
            database,
            "select count(*) from email_outbox where broadcast_id = $1 and status = 'queued'",
            UUID(path.rsplit("/", 1)[1]),
        )
        broadcast_id = UUID(path.rsplit("/", 1)[1])
        readers = await _opens(database, writer, broadcast_id, variant="b")
        assert readers
        await _ask(
            database,
            "update platform.jobs set execute_after = now()"
            " where entrypoint = 'email:pick_winner' and status = 'queued'",
        )
        await work_off(database_url)
        assert await _statuses(database, path) == {"sent": 40}
        better = await _ask(
            database,
            "select count(*) from email_outbox where broadcast_id = $1 and subject = 'Bold'",
            broadcast_id,
        )
        assert better == len(readers) + waiting
        assert (
            await _ask(database, "select winner from email_broadcasts where id = $1", broadcast_id)
            == "b"
        )

    async def test_waits_when_it_is_paused_and_ends_when_it_is_cancelled(
        self, tag: str, writer: Account, database: Database, database_url: str
    ) -> None:
        await add_people(database, writer, 2, tag=tag)
        path = await draft(writer, tag)
        assert (await send(writer, path, count=2)).status_code == 303
        assert (await writer.browser.post(f"{path}/pause")).status_code == 303
        await work_off(database_url)
        assert await _statuses(database, path) in ({}, {"queued": 2})
        assert (await writer.browser.post(f"{path}/cancel")).status_code == 303
        await work_off(database_url)
        assert "sent" not in await _statuses(database, path)
        assert (await writer.browser.post(f"{path}/resume")).status_code == 409

    async def test_tries_again_what_failed_and_nothing_else(
        self, tag: str, writer: Account, database: Database, database_url: str
    ) -> None:
        people = await add_people(database, writer, 3, tag=tag)
        path = await draft(writer, tag)
        assert (await send(writer, path, count=3)).status_code == 303
        await work_off(database_url)
        assert (await writer.browser.post(f"{path}/retry")).status_code == 409
        for way in ("all", "one"):
            failed = await _ask(
                database,
                "insert into email_outbox (dedupe_key, kind, status, recipient, subject, html,"
                ' "text", tenant_id, team_id, user_id, broadcast_id, variant, merge_fields,'
                " subscriber_id)"
                " select $2, kind, 'failed', recipient, subject, '', '', tenant_id, team_id,"
                " user_id, broadcast_id, variant, merge_fields, subscriber_id"
                " from email_outbox where recipient = $1 and kind = 'broadcast' limit 1"
                " returning id",
                people[0],
                f"bc:{tag}:{way}",
            )
            goal = f"{path}/retry" if way == "all" else f"/app/outbox/{failed}/resend"
            assert (await writer.browser.post(goal)).status_code == 303
            await work_off(database_url)
            status = await _ask(database, "select status from email_outbox where id = $1", failed)
            assert status == "sent", way
        assert await _statuses(database, path) == {"sent": 5}

    async def test_is_nobody_elses(
        self, tag: str, writer: Account, stranger: Account, database: Database
    ) -> None:
        await add_people(database, writer, 1, tag=tag)
        path = await draft(writer, tag)
        assert (await stranger.browser.get(path)).status_code == 404
        for step in ("send", "pause", "test", "delete", "schedule", "retry", "copy"):
            data = {"scheduled_at": "2030-01-01T10:00", "count": "1"}
            answer = await stranger.browser.post(f"{path}/{step}", data=data)
            assert answer.status_code == 404, step

    async def test_can_be_taken_back_before_its_moment(
        self, tag: str, writer: Account, database: Database, database_url: str
    ) -> None:
        await add_people(database, writer, 1, tag=tag)
        path = await draft(writer, tag)
        when = {"scheduled_at": "2027-03-28T02:30", "zone": "Europe/Berlin", "count": "1"}
        past = await writer.browser.post(
            f"{path}/schedule", data={**when, "scheduled_at": "2001-01-01T10:00"}
        )
        assert past.status_code == 422
        assert (await writer.browser.post(f"{path}/schedule", data=when)).status_code == 303
        assert (await writer.browser.post(f"{path}/unschedule")).status_code == 303
        await work_off(database_url)
        assert await _statuses(database, path) == {}


async def _opens(
    database: Database, writer: Account, broadcast_id: UUID, *, variant: str
) -> list[str]:
    """Open the mails with a wording, by the picture that is in them."""
    from lodestone.domains.email.sending.tracking import sign_mail  # noqa: PLC0415

    async with database.acting_as(Root()) as tx:
        rows = await tx.fetch(
            "select id from email_outbox where broadcast_id = $1 and variant = $2"
            " and status = 'sent'",
            broadcast_id,
            variant,
        )
    for row in rows:
        answer = await writer.browser.get(f"/e/o/{sign_mail(row['id'])}.gif")
        assert answer.status_code == 200
    return [str(row["id"]) for row in rows]


class TestReaders:
    async def test_count_once_when_they_click_and_come_where_the_link_leads(
        self, tag: str, writer: Account, database: Database, database_url: str, runtime: Runtime
    ) -> None:
        (email,) = await add_people(database, writer, 1, tag=tag)
        path = await draft(writer, tag)
        assert (await send(writer, path, count=1)).status_code == 303
        await work_off(database_url)
        (mail,) = mails_to(runtime, email)
        html = mail.get_body(("html",))
        assert html is not None
        links = re.findall(r'href="(http://localhost/e/c/[^"]+)"', html.get_content())
        assert len(links) == 1
        for _ in range(3):
            answer = await writer.browser.get(links[0])
            assert answer.status_code == 302
            assert answer.headers["location"] == "https://example.com/a?b=1&c=2"
        forged = links[0].rsplit("/", 1)[0] + "/" + "eyJ4Ijox.abc"
        assert (await writer.browser.get(forged)).status_code in (400, 403)
        page = await writer.browser.get("/app/email/analytics?days=7")
        assert page.status_code == 200
        sums = await _ask(
            database,
            "select array[sum(sent), sum(opened), sum(clicked)]::int[] from email_daily_stats"
            " where broadcast_id = $1",
            UUID(path.rsplit("/", 1)[1]),
        )
        assert sums == [1, 1, 1]


class TestTags:
    async def test_are_given_and_taken_off_and_are_nobody_elses(
        self, tag: str, writer: Account, stranger: Account, database: Database
    ) -> None:
        (email,) = await add_people(database, writer, 1)
        person = await _ask(database, "select id from email_subscribers where email = $1", email)
        given = {"ids": str(person), "tag": f"  {tag} "}
        page = f"/app/subscribers/{person}"
        assert (await stranger.browser.post("/app/segments/tags", data=given)).status_code == 303
        assert tag not in (await writer.browser.get(page)).text
        for _ in range(2):
            answer = await writer.browser.post("/app/segments/tags", data=given)
            assert answer.headers["location"].startswith(page)
        assert await _ask(
            database, "select metadata -> 'tags' from email_subscribers where id = $1", person
        ) == [tag]
        one = {"filter": json.dumps({"field": "tag", "op": "has", "value": tag})}
        counted = await writer.browser.post("/app/segments/count", data=one)
        assert counted.json()["count"] == 1
        kept = await writer.browser.post("/app/segments/new", data={"name": tag, **one})
        assert kept.status_code == 303
        assert (await stranger.browser.get(kept.headers["location"])).status_code == 404
        assert tag in (await writer.browser.get("/app/segments")).text
        await writer.browser.post(
            "/app/segments/tags/remove", data={"ids": str(person), "tag": tag}
        )
        assert tag not in (await writer.browser.get(page)).text
        nothing = {"ids": str(person), "tag": " "}
        assert (await writer.browser.post("/app/segments/tags", data=nothing)).status_code == 422
