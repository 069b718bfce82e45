"""A list holds one truth per person, and nobody is on it against their will, by whatever path."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from lodestone.domains.email.subscribers import service
from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.domains.identity.teams import join, mails_to, make_team

LIST = "/app/subscribers"
API = "/api/email/subscribers"
IMPORTS = f"{LIST}/imports"
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Ada Lumen")


@pytest.fixture(scope="module")
async def stranger(database: Database, app: FastAPI, creator: Account) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.3") as browser:
        yield await sign_up(database, browser, name="Sven Stranger")


@pytest.fixture(scope="module")
async def page(creator: Account) -> str:
    return (await publish(creator, title="The list of lists"))[1]


def _email() -> str:
    return f"s{uuid4().hex[:12]}@example.org"


async def _one(database: Database, query: str, *values: Any) -> Any:
    async with database.acting_as(Root()) as tx:
        return await tx.fetchval(query, *values)


async def _status(database: Database, email: str) -> str | None:
    found: str | None = await _one(
        database, "select status from email_subscribers where email = $1", email
    )
    return found


async def _id(database: Database, email: str) -> UUID:
    found: UUID = await _one(database, "select id from email_subscribers where email = $1", email)
    return found


async def _add(person: Account, email: str, **values: str) -> httpx.Response:
    return await person.browser.post(
        f"{LIST}/new", data={"email": email, "has_agreed": "true", **values}
    )


async def _import(person: Account, database_url: str, content: bytes | str, **mapping: str) -> str:
    """Upload, check and import a file; return its page's path."""
    path = await _check(person, database_url, content, **mapping)
    answer = await person.browser.post(f"{path}/run", data={"has_agreed": "true"})
    assert answer.status_code == 303, answer.text
    await work_off(database_url)
    return path


async def _check(person: Account, database_url: str, content: bytes | str, **mapping: str) -> str:
    path = await _upload(person, content)
    page = await person.browser.get(path)
    guessed = {}
    for name, options in re.findall(
        r'<select[^>]* name="(\w+)"(.*?)</select>', page.text, re.DOTALL
    ):
        chosen = re.search(r'value="(\d+)" selected', options)
        if chosen is not None:
            guessed[name] = chosen[1]
    answer = await person.browser.post(f"{path}/check", data={**guessed, **mapping})
    assert answer.status_code == 303, answer.text
    await work_off(database_url)
    return path


async def _upload(person: Account, content: bytes | str) -> str:
    body = content.encode() if isinstance(content, str) else content
    answer = await person.browser.post(IMPORTS, files={"file": ("people.csv", body, "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def _opt_in(app: FastAPI, page: str, database_url: str, email: str) -> None:
    address = f"2001:db8::{uuid4().hex[:4]}:{uuid4().hex[:4]}"
    async with open_browser(app, address=address) as visitor:
        visitor.headers.update(BROWSER)
        answer = await visitor.post(page, data={"email": email, "name": "Grace Hopper"})
        assert answer.status_code in (200, 201, 303), answer.text
    await work_off(database_url)


async def _leave(client: httpx.AsyncClient, subscriber_id: UUID) -> None:
    answer = await client.post(
        service.unsubscribe_url(subscriber_id), data={"List-Unsubscribe": "One-Click"}
    )
    assert answer.status_code == 200


def _counts(page: httpx.Response) -> dict[str, str]:
    """Return the figures of an import's page by their labels."""
    text = re.sub(r"<[^>]+>", "\n", page.text)
    words = [line.strip() for line in text.splitlines() if line.strip()]
    pairs = pairwise(words)
    return {word: after for word, after in pairs if re.fullmatch(r"[\d,]+", after)}


class TestTheList:
    async def test_shows_whom_the_team_added(self, creator: Account, database: Database) -> None:
        email = _email()
        answer = await _add(creator, email.upper(), first_name="Grace", company="Navy")
        assert answer.status_code == 303
        shown = await creator.browser.get(LIST, params={"q": email})
        assert "Grace" in shown.text
        assert "Added by hand" in (await creator.browser.get(answer.headers["location"])).text
        assert await _status(database, email) == "active"

    async def test_adding_asks_that_the_person_agreed(
        self, creator: Account, database: Database
    ) -> None:
        email = _email()
        answer = await creator.browser.post(f"{LIST}/new", data={"email": email})
        assert answer.status_code == 422
        assert "agreed to receive mail" in answer.text
        assert await _status(database, email) is None

    async def test_adding_again_keeps_one_row_and_takes_names(
        self, creator: Account, database: Database
    ) -> None:
        email = _email()
        await _add(creator, email, first_name="Grace")
        await _add(creator, email, last_name="Hopper")
        row = await _one(
            database,
            "select first_name || ' ' || last_name from email_subscribers where email = $1",
            email,
        )
        assert row == "Grace Hopper"

    async def test_searches_what_was_typed_and_no_pattern(self, creator: Account) -> None:
        await _add(creator, _email())
        shown = await creator.browser.get(LIST, params={"q": "%"})
        assert "No subscribers match" in shown.text

    async def test_filters_and_exports(self, creator: Account, database: Database) -> None:
        email, left = _email(), _email()
        await _add(creator, email)
        await _add(creator, left)
        await creator.browser.post(
            f"{LIST}/unsubscribe", data={"ids": [str(await _id(database, left))]}
        )
        file = await creator.browser.get(f"{LIST}.csv", params={"status": "active"})
        found = {row["email"] for row in csv.DictReader(io.StringIO(file.text))}
        assert email in found
        assert left not in found

    async def test_members_share_it_and_strangers_see_nothing(
        self, app: FastAPI, database: Database, creator: Account, stranger: Account
    ) -> None:
        async with open_browser(app, address="127.0.0.9") as browser:
            member = await sign_up(database, browser, name="Mika Member")
            owner = await self._owner(app, database)
            team_id = await make_team(owner, "Halden")
            await join(database, owner, member, team_id)
            email = _email()
            answer = await owner.browser.post(
                f"{LIST}/new",
                params={"team_id": team_id},
                data={"email": email, "has_agreed": "true"},
            )
            path = answer.headers["location"]
            assert (await member.browser.get(path, params={"team_id": team_id})).status_code == 200
            left = await member.browser.post(f"{path}/unsubscribe", params={"team_id": team_id})
            assert left.status_code == 303
            assert await _status(database, email) == "unsubscribed"
            for address in (path, f"{API}/{path.rsplit('/', 1)[1]}"):
                assert (await stranger.browser.get(address)).status_code == 404
            assert email not in (await stranger.browser.get(f"{LIST}.csv")).text
            await owner.browser.aclose()

    @staticmethod
    async def _owner(app: FastAPI, database: Database) -> Account:
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, client=("127.0.0.8", 40000)),
            base_url="http://localhost",
        )
        return await sign_up(database, browser, name="Olga Owner")

    async def test_strangers_unsubscribe_nobody_of_others(
        self, creator: Account, stranger: Account, database: Database
    ) -> None:
        email = _email()
        await _add(creator, email)
        subscriber_id = await _id(database, email)
        await stranger.browser.post(f"{LIST}/unsubscribe", data={"ids": [str(subscriber_id)]})
        answer = await stranger.browser.post(f"{API}/{subscriber_id}/unsubscribe")
        assert answer.status_code == 404
        assert await _status(database, email) == "active"

    async def test_programs_add_and_list(self, creator: Account) -> None:
        email = _email()
        answer = await creator.browser.post(API, json={"email": email, "has_agreed": True})
        assert answer.status_code == 201
        assert answer.json()["is_new"]
        listed = await creator.browser.get(API, params={"q": email})
        assert [each["email"] for each in listed.json()["items"]] == [email]


class TestLeaving:
    async def test_whoever_left_is_refused_by_form_and_program(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        await _add(creator, email)
        await _leave(client, await _id(database, email))
        answer = await _add(creator, email)
        assert answer.status_code == 422
        assert "This person unsubscribed" in answer.text
        answer = await creator.browser.post(API, json={"email": email, "has_agreed": True})
        assert answer.status_code == 422
        assert await _status(database, email) == "unsubscribed"

    async def test_an_erased_address_comes_back_as_what_it_was(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        await _add(creator, email)
        await _leave(client, await _id(database, email))
        async with database.acting_as(Root()) as tx:
            await tx.execute("delete from email_subscribers where email = $1", email)
        assert (await _add(creator, email)).status_code == 422
        assert await _status(database, email) is None

    async def test_the_history_tells_who_did_it(self, creator: Account, database: Database) -> None:
        email = _email()
        path = (await _add(creator, email)).headers["location"]
        await creator.browser.post(f"{path}/unsubscribe")
        shown = await creator.browser.get(path)
        assert "Unsubscribed" in shown.text
        assert "By Ada Lumen" in shown.text

    async def test_even_the_service_cannot_take_somebody_back(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        await _add(creator, email)
        subscriber_id = await _id(database, email)
        await _leave(client, subscriber_id)
        for actor in (Root(), Service(Writer.GTM_SYSTEM, user_id=creator.id)):
            with pytest.raises(asyncpg.PostgresError, match="Only the person can subscribe"):
                async with database.acting_as(actor) as tx:
                    await tx.execute(
                        "update email_subscribers set status = 'active', unsubscribed_at = null"
                        " where id = $1",
                        subscriber_id,
                    )


class TestPreferences:
    async def _link(self, creator: Account, database: Database, email: str) -> str:
        await _add(creator, email)
        url = service.unsubscribe_url(await _id(database, email))
        return url.replace("/unsubscribe?", "/preferences?")

    async def test_the_page_opens_by_the_link_of_a_mail(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        link = await self._link(creator, database, email)
        assert email in (await client.get(link)).text
        assert (await client.get(f"{link}x")).status_code in (400, 403)

    async def test_mail_that_is_not_wanted_is_withheld(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        link = await self._link(creator, database, email)
        saved = await client.post(link, data={"wanted": "series"})
        assert "Saved" in saved.text
        refusals = [
            await _one(
                database,
                "select platform.email_refusal(email, $2, team_id, tenant_id)"
                " from email_subscribers where email = $1",
                email,
                kind,
            )
            for kind in ("broadcast", "flow", "resource")
        ]
        assert refusals == ["not wanted", None, None]

    async def test_one_s_own_press_of_the_button_subscribes_again(
        self, creator: Account, client: httpx.AsyncClient, database: Database
    ) -> None:
        email = _email()
        link = await self._link(creator, database, email)
        await _leave(client, await _id(database, email))
        assert "Subscribe again" in (await client.get(link)).text
        assert await _status(database, email) == "unsubscribed"
        await client.post(link, data={"act": "resubscribe"})
        assert await _status(database, email) == "active"


class TestDoubleOptIn:
    @pytest.fixture(autouse=True)
    async def asks(self, creator: Account) -> AsyncIterator[None]:
        await creator.browser.post(f"{LIST}/double-opt-in", data={"is_on": "true"})
        yield
        await creator.browser.post(f"{LIST}/double-opt-in", data={"is_on": "false"})

    async def test_an_opt_in_waits_for_the_button_behind_the_mail(
        self,
        *,
        app: FastAPI,
        client: httpx.AsyncClient,
        database: Database,
        database_url: str,
        page: str,
        runtime: Runtime,
    ) -> None:
        email = _email()
        await _opt_in(app, page, database_url, email)
        assert await _status(database, email) == "pending"
        mail = next(each for each in mails_to(runtime, email) if "confirm" in each["Subject"])
        body = mail.get_body(("plain",))
        assert body is not None
        found = re.search(r"http://localhost(/api/email/confirm\S+)", body.get_content())
        assert found is not None
        assert "Yes, subscribe me" in (await client.get(found[1])).text
        assert await _status(database, email) == "pending"
        assert "You are on the list" in (await client.post(found[1])).text
        assert await _status(database, email) == "active"

    async def test_whoever_left_stays_away_until_they_confirm(
        self,
        *,
        app: FastAPI,
        creator: Account,
        client: httpx.AsyncClient,
        database: Database,
        database_url: str,
        page: str,
    ) -> None:
        email = _email()
        await _add(creator, email)
        await _leave(client, await _id(database, email))
        await _opt_in(app, page, database_url, email)
        assert await _status(database, email) == "unsubscribed"


class TestImport:
    async def test_reports_each_row_before_anything_is_imported(
        self,
        creator: Account,
        client: httpx.AsyncClient,
        database: Database,
        database_url: str,
    ) -> None:
        new, known, left = _email(), _email(), _email()
        for email in (known, left):
            await _add(creator, email)
        await _leave(client, await _id(database, left))
        content = (
            "E-mail,First name,Note\r\n"
            f'{new},"Hopper, Grace","two\r\nlines"\r\n'
            f"{known.upper()},Ken,\r\n"
            f"{left},Lea,\r\n"
            f"{new},Twice,\r\n"
            "not an address,Nora,\r\n"
            ",Nobody,\r\n"
        )
        path = await _check(creator, database_url, content)
        shown = await creator.browser.get(path)
        counts = _counts(shown)
        assert (counts["New"], counts["On the list already"], counts["Refused"]) == ("1", "1", "4")
        assert await _status(database, new) is None
        refused = await creator.browser.get(f"{path}/refused.csv")
        rows = list(csv.DictReader(io.StringIO(refused.text)))
        assert [(row["First name"], row["row"], row["reason"]) for row in rows] == [
            ("Lea", "4", "Unsubscribed"),
            ("Twice", "5", "Twice in the file"),
            ("Nora", "6", "Not an address"),
            ("Nobody", "7", "No address"),
        ]

    async def test_brings_what_was_not_refused(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        new, known = _email(), _email()
        await _add(creator, known, first_name="Ken")
        path = await _import(
            creator, database_url, f"email;first name;lname\n{new};Grace;Hopper\n{known};;T\n"
        )
        counts = _counts(await creator.browser.get(path))
        assert (counts["Added"], counts["Names changed"]) == ("1", "1")
        row = await _one(
            database,
            "select first_name || '/' || last_name || '/' || source || '/' || status"
            " from email_subscribers where email = $1",
            new,
        )
        assert row == "Grace/Hopper/import/active"
        kept = await _one(
            database, "select first_name from email_subscribers where email = $1", known
        )
        assert kept == "Ken"
        history = await creator.browser.get(f"{LIST}/{await _id(database, new)}")
        assert "people.csv" in history.text

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    async def test_reads_what_spreadsheets_write(
        self, creator: Account, database: Database, database_url: str, encoding: str
    ) -> None:
        email = _email()
        await _import(creator, database_url, f"Email\tFname\n{email}\tZoë\n".encode(encoding))
        name = await _one(
            database, "select first_name from email_subscribers where email = $1", email
        )
        assert name == "Zoë"

    async def test_asks_that_these_people_agreed(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        email = _email()
        path = await _check(creator, database_url, f"email\n{email}\n")
        answer = await creator.browser.post(f"{path}/run")
        assert answer.status_code == 422
        await work_off(database_url)
        assert await _status(database, email) is None

    async def test_runs_once(self, creator: Account, database_url: str) -> None:
        path = await _import(creator, database_url, f"email\n{_email()}\n")
        answer = await creator.browser.post(f"{path}/run", data={"has_agreed": "true"})
        assert answer.status_code == 409

    async def test_can_be_given_up(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        email = _email()
        path = await _check(creator, database_url, f"email\n{email}\n")
        assert (await creator.browser.post(f"{path}/cancel")).status_code == 303
        assert await _status(database, email) is None
        assert "Nothing of this file was imported" in (await creator.browser.get(path)).text

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [(b"", "The file is empty"), (b"PK\x03\x04\x00\x00", "not a text file")],
    )
    async def test_refuses_what_is_no_table(
        self, creator: Account, content: bytes, sentence: str
    ) -> None:
        answer = await creator.browser.post(
            IMPORTS, files={"file": ("people.csv", content, "text/csv")}
        )
        assert answer.status_code == 422
        assert sentence in answer.text

    async def test_refuses_more_than_five_megabytes(self, creator: Account) -> None:
        answer = await creator.browser.post(
            IMPORTS, files={"file": ("people.csv", b"a" * (6 * 1024 * 1024), "text/csv")}
        )
        assert answer.status_code == 413

    async def test_needs_a_column_of_addresses(self, creator: Account) -> None:
        path = await _upload(creator, "who,what\nann,x\n")
        answer = await creator.browser.post(f"{path}/check", data={"first_name": "0"})
        assert answer.status_code == 422
        answer = await creator.browser.post(f"{path}/check", data={"email": "7"})
        assert answer.status_code == 422

    async def test_is_no_matter_of_strangers(
        self, creator: Account, stranger: Account, database_url: str
    ) -> None:
        path = await _check(creator, database_url, "email\nnope\n")
        for each in (path, f"{path}/refused.csv"):
            assert (await stranger.browser.get(each)).status_code == 404
        for act in ("check", "run", "cancel"):
            answer = await stranger.browser.post(f"{path}/{act}", data={"has_agreed": "true"})
            assert answer.status_code == 404

    async def test_ten_thousand_rows_leave_nothing_staged(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        mark = uuid4().hex[:8]
        rows = "".join(f"{mark}-{number}@example.org,N{number}\n" for number in range(10_000))
        path = await _import(creator, database_url, f"email,first_name\n{rows}")
        assert _counts(await creator.browser.get(path))["Added"] == "10,000"
        assert await _one(database, "select count(*) from platform.email_import_rows") == 0
        kept = await _one(
            database,
            "select count(*) from email_subscribers where email like $1",
            f"{mark}-%",
        )
        assert kept == 10_000


ACTS = st.lists(
    st.sampled_from(["form", "program", "import", "erase", "data api", "late opt-in"]),
    min_size=1,
    max_size=5,
)


class TestNeverByAccident:
    @settings(max_examples=12)
    @given(acts=ACTS)
    async def test_nothing_that_others_do_takes_somebody_back(
        self,
        creator: Account,
        app: FastAPI,
        database: Database,
        database_url: str,
        acts: list[str],
    ) -> None:
        email = _email()
        await _add(creator, email)
        before = await _one(database, "select now()")
        team_id = await _one(
            database, "select team_id from email_subscribers where email = $1", email
        )
        async with open_browser(app, address="127.0.0.7") as mail_program:
            await _leave(mail_program, await _id(database, email))
        for act in acts:
            await self._do(
                act,
                creator=creator,
                database=database,
                database_url=database_url,
                email=email,
                team_id=team_id,
                before=before,
            )
            assert await _status(database, email) in ("unsubscribed", None), act
            refusal = await _one(
                database,
                "select platform.email_refusal($1, 'broadcast', $2,"
                " (select tenant_id from profiles where id = $3))",
                email,
                team_id,
                creator.id,
            )
            assert refusal in ("unsubscribed", "not subscribed"), act

    @staticmethod
    async def _do(
        act: str,
        *,
        creator: Account,
        database: Database,
        database_url: str,
        email: str,
        team_id: UUID,
        before: Any,
    ) -> None:
        match act:
            case "form":
                await _add(creator, email, first_name="Back")
            case "program":
                await creator.browser.post(API, json={"email": email, "has_agreed": True})
            case "import":
                await _import(creator, database_url, f"email\n{email}\n")
            case "erase":
                async with database.acting_as(Root()) as tx:
                    await tx.execute("delete from email_subscribers where email = $1", email)
            case "data api":
                async with database.acting_as(creator.actor) as tx:
                    await tx.execute(
                        "insert into email_subscribers (team_id, email) values ($1, $2)"
                        " on conflict do nothing",
                        team_id,
                        email,
                    )
            case "late opt-in":
                # Of before the person left, by a job that was held up.
                actor = Service(Writer.GTM_SYSTEM, user_id=creator.id)
                async with database.acting_as(actor) as tx:
                    tenant_id = await tx.fetchval("select access.default_tenant_id()")
                    await service.keep_opt_in(
                        tx,
                        tenant_id=tenant_id,
                        team_id=team_id,
                        email=email,
                        first_name=None,
                        last_name=None,
                        lead_magnet_id=None,
                        given_at=before,
                    )

    async def test_leaving_while_a_file_is_imported_counts(
        self,
        creator: Account,
        client: httpx.AsyncClient,
        database: Database,
        database_url: str,
    ) -> None:
        email = _email()
        await _add(creator, email)
        path = await _check(creator, database_url, f"email,first_name\n{email},Late\n")
        await creator.browser.post(f"{path}/run", data={"has_agreed": "true"})
        subscriber_id = await _id(database, email)
        await asyncio.gather(work_off(database_url), _leave(client, subscriber_id))
        assert await _status(database, email) == "unsubscribed"

    async def test_one_s_own_later_opt_in_counts(
        self,
        *,
        app: FastAPI,
        creator: Account,
        client: httpx.AsyncClient,
        database: Database,
        database_url: str,
        page: str,
    ) -> None:
        email = _email()
        await _add(creator, email)
        await _leave(client, await _id(database, email))
        await _opt_in(app, page, database_url, email)
        assert await _status(database, email) == "active"
