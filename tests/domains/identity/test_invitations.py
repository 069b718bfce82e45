"""People come into a team by a link that was mailed to them, or by an address that is proved."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from lodestone.auth import service as auth
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account, open_browser, sign_up, write_magnet
from tests.domains.identity.teams import (
    invite,
    link_of,
    mails_to,
    make_team,
    profile_of,
    prove_address,
)


@pytest.fixture
async def owner(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app) as browser:
        yield await sign_up(database, browser, name="Olga Owner")


@pytest.fixture
async def member(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.2") as browser:
        yield await sign_up(database, browser, name="Mika Member")


@pytest.fixture
async def stranger(app: FastAPI, database: Database) -> AsyncIterator[Account]:
    async with open_browser(app, address="127.0.0.3") as browser:
        yield await sign_up(database, browser, name="Sven Stranger")


@pytest.fixture
async def team_id(owner: Account) -> str:
    return await make_team(owner, "Halden")


@dataclass(frozen=True, slots=True)
class Post:
    """What the worker mailed."""

    runtime: Runtime
    database_url: str

    async def latest(self, address: str) -> EmailMessage:
        """Let the worker mail what waits, and return the latest mail that the address got."""
        await work_off(self.database_url)
        return mails_to(self.runtime, address)[-1]

    async def link(self, address: str) -> str:
        """Let the worker mail what waits, and return the latest link that the address got."""
        return link_of(await self.latest(address))


@pytest.fixture
def post(runtime: Runtime, database_url: str) -> Post:
    return Post(runtime, database_url)


async def reaches(person: Account, team_id: str) -> bool:
    """Return whether somebody gets into a team."""
    answer = await person.browser.get(f"/app/teams/{team_id}")
    assert answer.status_code in (200, 404)
    return answer.status_code == 200


class TestTheLink:
    async def test_lets_whoever_got_it_in_once(
        self,
        owner: Account,
        member: Account,
        stranger: Account,
        team_id: str,
        post: Post,
    ) -> None:
        await invite(owner, team_id, member.email)
        link = await post.link(member.email)
        page = await member.browser.get(link)
        assert "Halden" in page.text
        assert "Olga Owner" in page.text
        assert not await reaches(member, team_id)
        accepted = await member.browser.post(f"{link}/accept")
        assert accepted.headers["location"] == "/app"
        assert await reaches(member, team_id)
        assert (await stranger.browser.post(f"{link}/accept")).status_code == 410
        assert (await stranger.browser.get(link)).status_code == 410
        assert not await reaches(stranger, team_id)

    async def test_sends_a_visitor_to_sign_in_and_back(
        self,
        owner: Account,
        team_id: str,
        post: Post,
        client: httpx.AsyncClient,
    ) -> None:
        address = f"n{uuid4().hex[:10]}@example.com"
        await invite(owner, team_id, address)
        link = await post.link(address)
        page = await client.get(link)
        assert f"/sign-in?next={link.replace('/', '%2F')}" in page.text
        assert page.headers["referrer-policy"] == "no-referrer"
        assert (await client.post(f"{link}/accept")).headers["location"].startswith("/sign-in")

    async def test_opens_nothing_by_being_looked_at(
        self, owner: Account, member: Account, team_id: str, post: Post
    ) -> None:
        await invite(owner, team_id, member.email)
        link = await post.link(member.email)
        for _ in range(3):
            assert (await member.browser.get(link)).status_code == 200
        assert (await member.browser.post(f"{link}/accept")).status_code == 303

    async def test_ends_when_a_new_one_is_sent_and_when_it_is_withdrawn(
        self,
        owner: Account,
        member: Account,
        team_id: str,
        post: Post,
        database: Database,
    ) -> None:
        await invite(owner, team_id, member.email)
        first = await post.link(member.email)
        place = (await profile_of(database, team_id, member.email))["id"]
        people = f"/app/teams/{team_id}/people/{place}"
        assert (await owner.browser.post(f"{people}/resend")).status_code == 303
        second = await post.link(member.email)
        assert (await member.browser.get(first)).status_code == 410
        assert (await member.browser.get(second)).status_code == 200
        await owner.browser.post(f"{people}/remove")
        assert (await member.browser.post(f"{second}/accept")).status_code == 410
        assert not await reaches(member, team_id)

    async def test_ends_after_seven_days(
        self,
        owner: Account,
        member: Account,
        team_id: str,
        post: Post,
        database: Database,
    ) -> None:
        await invite(owner, team_id, member.email)
        link = await post.link(member.email)
        place = (await profile_of(database, team_id, member.email))["id"]
        async with database.acting_as(Root()) as tx:
            left = await tx.fetchval(
                "select expires_at - now() from team_invitations where team_profile_id = $1", place
            )
            await tx.execute(
                "update team_invitations set expires_at = now() where team_profile_id = $1", place
            )
        assert 6.9 < left.total_seconds() / 86400 < 7.1
        assert (await member.browser.post(f"{link}/accept")).status_code == 410
        assert "Link ended" in (await owner.browser.get(f"/app/teams/{team_id}")).text

    async def test_is_refused_when_it_was_changed(self, member: Account) -> None:
        assert (await member.browser.get("/invitations/made-up")).status_code == 400
        assert (await member.browser.post("/invitations/made.up/accept")).status_code == 400

    async def test_is_stored_as_a_hash_and_waits_encrypted(
        self,
        owner: Account,
        member: Account,
        team_id: str,
        post: Post,
        database: Database,
    ) -> None:
        await invite(owner, team_id, member.email)
        async with database.acting_as(Root(), readonly=True) as tx:
            waiting = await tx.fetch("select convert_from(payload, 'utf8') from platform.jobs")
        link = await post.link(member.email)
        token = link.rsplit("/", 1)[1]
        place = (await profile_of(database, team_id, member.email))["id"]
        async with database.acting_as(Root(), readonly=True) as tx:
            stored = await tx.fetchval(
                "select token_hash from team_invitations where team_profile_id = $1", place
            )
        assert len(stored) == 64
        assert stored not in token
        assert not any(token in row[0] for row in waiting)

    async def test_can_be_declined_without_an_account(
        self,
        owner: Account,
        team_id: str,
        post: Post,
        database: Database,
        client: httpx.AsyncClient,
    ) -> None:
        address = f"n{uuid4().hex[:10]}@example.com"
        await invite(owner, team_id, address)
        link = await post.link(address)
        assert (await client.post(f"{link}/decline")).status_code == 200
        assert (await profile_of(database, team_id, address))["status"] == "removed"
        assert (await client.get(link)).status_code == 410


class TestTheAddress:
    async def test_that_nobody_proved_opens_nothing(
        self, owner: Account, team_id: str, app: FastAPI, database: Database
    ) -> None:
        address = f"n{uuid4().hex[:10]}@example.com"
        await invite(owner, team_id, address)
        async with database.acting_as(Root()) as tx:
            thief = await auth.create_user(
                tx, email=address, password="a lodestone points north", name="Thief"
            )
        place = await profile_of(database, team_id, address)
        assert (place["status"], place["user_id"]) == ("pending", None)
        async with database.acting_as(Root()) as tx:
            reached = await tx.fetchval(
                "select count(*) from team_access where user_id = $1 and team_id = $2",
                thief,
                UUID(team_id),
            )
        assert reached == 0

    async def test_opens_what_waits_the_moment_it_is_proved(
        self, owner: Account, member: Account, team_id: str, database: Database
    ) -> None:
        await invite(owner, team_id, member.email)
        assert not await reaches(member, team_id)
        await prove_address(database, member)
        assert await reaches(member, team_id)
        place = await profile_of(database, team_id, member.email)
        assert place["accepted_at"] is not None

    async def test_that_is_proved_already_is_in_at_once_and_hears_of_it(
        self,
        owner: Account,
        member: Account,
        team_id: str,
        post: Post,
        database: Database,
    ) -> None:
        await prove_address(database, member)
        await invite(owner, team_id, member.email.upper())
        assert await reaches(member, team_id)
        mail = await post.latest(member.email)
        assert "Halden" in mail["Subject"]
        assert "/invitations/" not in mail.as_string()

    async def test_that_was_removed_is_not_claimed_again(
        self, owner: Account, member: Account, team_id: str, database: Database
    ) -> None:
        await invite(owner, team_id, member.email)
        place = (await profile_of(database, team_id, member.email))["id"]
        await owner.browser.post(f"/app/teams/{team_id}/people/{place}/remove")
        await prove_address(database, member)
        assert not await reaches(member, team_id)

    async def test_has_one_place_in_a_team(
        self, owner: Account, member: Account, team_id: str
    ) -> None:
        await invite(owner, team_id, member.email)
        again = await owner.browser.post(
            f"/app/teams/{team_id}/people/new",
            data={"full_name": "Mika", "email": f" {member.email.upper()} "},
        )
        assert again.status_code == 409
        assert "in this team already" in again.text


class TestTheCatalogue:
    async def test_shows_cards_without_content_to_those_who_were_invited(
        self,
        owner: Account,
        member: Account,
        stranger: Account,
        post: Post,
    ) -> None:
        magnet = await write_magnet(owner, title="For setters")
        answer = await owner.browser.post("/app/catalogue/readers", data={"email": member.email})
        assert answer.status_code == 303
        link = await post.link(member.email)
        assert "For setters" not in (await member.browser.get("/app/catalogue")).text
        await member.browser.post(f"{link}/accept")
        page = await member.browser.get("/app/catalogue")
        assert "For setters" in page.text
        assert "Deals go quiet" in page.text
        assert "Olga Owner" in page.text
        assert (await member.browser.get(magnet)).status_code == 404
        assert "For setters" not in (await member.browser.get("/app/lead-magnets")).text
        assert "For setters" not in (await stranger.browser.get("/app/catalogue")).text

    async def test_closes_at_once(
        self,
        owner: Account,
        member: Account,
        stranger: Account,
        post: Post,
        database: Database,
    ) -> None:
        await write_magnet(owner, title="For setters")
        await owner.browser.post("/app/catalogue/readers", data={"email": member.email})
        link = await post.link(member.email)
        await member.browser.post(f"{link}/accept")
        async with database.acting_as(Root(), readonly=True) as tx:
            reader = await tx.fetchval(
                "select id from team_members where owner_id = $1 and email = $2",
                owner.id,
                member.email,
            )
        path = f"/app/catalogue/readers/{reader}/remove"
        assert (await stranger.browser.post(path)).status_code == 404
        assert "For setters" in (await member.browser.get("/app/catalogue")).text
        assert (await owner.browser.post(path)).status_code == 303
        assert "For setters" not in (await member.browser.get("/app/catalogue")).text
