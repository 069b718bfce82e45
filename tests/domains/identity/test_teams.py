"""What the owner of a team does, what its people do, and what nobody else does."""

import json
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI

from lodestone.platform.actors import Root, Service, Writer
from lodestone.platform.database import Database
from lodestone.platform.errors import from_postgres
from tests.domains.accounts import Account, open_browser, sign_up, write_magnet
from tests.domains.identity.teams import invite, join, make_team, profile_of, prove_address
from tests.rows import add


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
async def team_id(owner: Account, member: Account, database: Database) -> str:
    """A team of the owner's in which the member works."""
    made = await make_team(owner, "Halden")
    await join(database, owner, member, made)
    return made


BUSINESS = {"name": "Halden", "industry": "Robotics", "target_audience": "Makers"}
PERSONA = {
    "full_name": "Mika Member",
    "title": "Writer",
    "tone": "Dry",
    "vocabulary": "changeover\nscrap, shift\nscrap",
    "banned_phrases": "leverage",
    "expertise_areas": "Shop floors",
}


async def place_of(database: Database, team_id: str, person: Account) -> str:
    return str((await profile_of(database, team_id, person.email))["id"])


async def logged(database: Database, team_id: str) -> list[tuple[str, UUID, dict[str, object]]]:
    """Return what the team's activity says, the oldest first."""
    async with database.acting_as(Root(), readonly=True) as tx:
        rows = await tx.fetch(
            "select action, user_id, details from team_activity_log where team_id = $1"
            " order by created_at, id",
            UUID(team_id),
        )
    return [(row["action"], row["user_id"], row["details"]) for row in rows]


class TestMakingATeam:
    async def test_gives_its_owner_a_place_that_speaks_for_it(
        self, owner: Account, database: Database
    ) -> None:
        team_id = await make_team(owner, "Halden")
        place = await profile_of(database, team_id, owner.email)
        assert (place["role"], place["status"], place["is_default"]) == ("owner", "active", True)
        assert place["user_id"] == owner.id

    async def test_needs_a_name(self, owner: Account) -> None:
        answer = await owner.browser.post("/app/teams/new", data={"name": "  "})
        assert answer.status_code == 422
        assert "at least 1" in answer.text


class TestWhoMayDoWhat:
    @pytest.mark.parametrize(
        ("path", "form"),
        [
            ("settings", BUSINESS),
            ("white-label", {"custom_site_name": "Halden"}),
            ("people/new", {"full_name": "Ann", "email": "ann@example.com"}),
            ("people/{owner}/remove", {}),
            ("people/{owner}/restore", {}),
            ("people/{owner}/resend", {}),
            ("people/{member}/default", {}),
            ("hand-over", {"profile_id": "{member}"}),
        ],
    )
    async def test_the_owner_alone_runs_the_team(
        self, team_id: str, member: Account, stranger: Account, path: str, form: dict[str, str]
    ) -> None:
        places = {"owner": str(uuid4()), "member": str(uuid4())}
        address = f"/app/teams/{team_id}/{path.format(**places)}"
        data = {name: value.format(**places) for name, value in form.items()}
        assert (await member.browser.post(address, data=data)).status_code == 403
        assert (await stranger.browser.post(address, data=data)).status_code == 404

    @pytest.mark.parametrize("path", ["", "/settings", "/activity"])
    async def test_people_of_the_team_read_it_and_a_stranger_finds_nothing(
        self, team_id: str, member: Account, stranger: Account, path: str
    ) -> None:
        address = f"/app/teams/{team_id}{path}"
        assert (await member.browser.get(address)).status_code == 200
        assert (await stranger.browser.get(address)).status_code == 404

    async def test_a_persona_is_changed_by_its_person_and_by_the_owner(
        self, team_id: str, owner: Account, member: Account, stranger: Account, database: Database
    ) -> None:
        own = f"/app/teams/{team_id}/people/{await place_of(database, team_id, member)}"
        others = f"/app/teams/{team_id}/people/{await place_of(database, team_id, owner)}"
        assert (await member.browser.post(own, data=PERSONA)).status_code == 303
        assert (await owner.browser.post(own, data=PERSONA)).status_code == 303
        assert (await member.browser.post(others, data=PERSONA)).status_code == 403
        assert (await stranger.browser.post(own, data=PERSONA)).status_code == 404
        place = await profile_of(database, team_id, member.email)
        assert place["voice_profile"] == {
            "tone": "Dry",
            "vocabulary": ["changeover", "scrap", "shift"],
            "banned_phrases": ["leverage"],
        }

    async def test_somebody_invited_sees_nothing_yet(
        self, owner: Account, stranger: Account, team_id: str
    ) -> None:
        await invite(owner, team_id, stranger.email)
        assert (await stranger.browser.get(f"/app/teams/{team_id}")).status_code == 404

    async def test_no_column_of_a_place_lets_a_member_up(
        self, team_id: str, member: Account, database: Database
    ) -> None:
        place = await place_of(database, team_id, member)
        for change in ("role = 'owner'", "is_default = true", "email = 'x@example.com'"):
            with pytest.raises(Exception, match=r"permission denied|Only the owner") as refusal:
                async with database.acting_as(member.actor) as tx:
                    await tx.execute(
                        f"update team_profiles set {change} where id = $1", UUID(place)
                    )
            assert from_postgres(refusal.value).status == 403  # type: ignore[arg-type]


class TestRemoving:
    async def test_ends_access_at_once_and_keeps_what_was_written(
        self, team_id: str, owner: Account, member: Account, database: Database
    ) -> None:
        await member.browser.post("/app/workspaces", data={"workspace": team_id})
        magnet = await write_magnet(member, title="By Mika")
        place = await place_of(database, team_id, member)
        answer = await owner.browser.post(f"/app/teams/{team_id}/people/{place}/remove")
        assert answer.status_code == 303
        assert (await member.browser.get(magnet)).status_code == 404
        assert (await member.browser.get(f"/app/teams/{team_id}")).status_code == 404
        assert "By Mika" in (await owner.browser.get(magnet)).text
        restored = await owner.browser.post(f"/app/teams/{team_id}/people/{place}/restore")
        assert restored.status_code == 303
        assert (await member.browser.get(magnet)).status_code == 200

    async def test_never_takes_the_owner(
        self, team_id: str, owner: Account, database: Database
    ) -> None:
        place = await place_of(database, team_id, owner)
        answer = await owner.browser.post(f"/app/teams/{team_id}/people/{place}/remove")
        assert answer.status_code == 409
        with pytest.raises(Exception, match="The owner stays"):
            async with database.acting_as(Service(Writer.MAGNETLAB, user_id=owner.id)) as tx:
                await tx.execute(
                    "update team_profiles set status = 'removed' where id = $1", UUID(place)
                )

    async def test_a_member_leaves_and_the_owner_does_not(
        self, team_id: str, owner: Account, member: Account, database: Database
    ) -> None:
        path = f"/app/teams/{team_id}/leave"
        assert (await owner.browser.post(path)).status_code == 409
        assert (await member.browser.post(path)).status_code == 303
        assert (await member.browser.get(f"/app/teams/{team_id}")).status_code == 404
        assert ("profile.removed", member.id, {}) in await logged(database, team_id)


class TestTheBusiness:
    async def test_is_changed_field_by_field(
        self, team_id: str, owner: Account, database: Database
    ) -> None:
        await owner.browser.post(f"/app/teams/{team_id}/settings", data=BUSINESS)
        await owner.browser.post(
            f"/app/teams/{team_id}/white-label", data={"custom_site_name": "Halden Labs"}
        )
        await owner.browser.post(f"/app/teams/{team_id}/settings", data={"name": "Halden 2"})
        async with database.acting_as(owner.actor, readonly=True) as tx:
            team = await tx.fetchrow(
                "select name, industry, custom_site_name from teams where id = $1", UUID(team_id)
            )
        assert team is not None
        assert dict(team) == {
            "name": "Halden 2",
            "industry": "Robotics",
            "custom_site_name": "Halden Labs",
        }
        await owner.browser.post(
            f"/app/teams/{team_id}/settings", data={"name": "Halden", "industry": ""}
        )
        async with database.acting_as(owner.actor, readonly=True) as tx:
            assert (
                await tx.fetchval("select industry from teams where id = $1", UUID(team_id)) is None
            )

    async def test_sends_from_addresses_of_its_verified_domain_alone(
        self, team_id: str, owner: Account, database: Database
    ) -> None:
        path = f"/app/teams/{team_id}/white-label"
        domain = f"d{uuid4().hex[:8]}.example.com"
        refused = await owner.browser.post(path, data={"custom_from_email": f"hi@{domain}"})
        assert refused.status_code == 422
        assert "Verify an email domain" in refused.text
        async with database.acting_as(Root()) as tx:
            await add(
                tx, "team_email_domains", team_id=UUID(team_id), domain=domain, status="verified"
            )
        for address in ("hi@elsewhere.example.com", f"hi@sub.{domain}"):
            answer = await owner.browser.post(path, data={"custom_from_email": address})
            assert answer.status_code == 422
        answer = await owner.browser.post(path, data={"custom_from_email": f" Hi@{domain} "})
        assert answer.status_code == 303
        with pytest.raises(Exception, match="email domain that the team has verified"):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(
                    "update teams set custom_from_email = 'hi@elsewhere.example.com' where id = $1",
                    UUID(team_id),
                )


class TestHandingOver:
    async def test_makes_a_member_the_owner_and_the_owner_a_member(
        self, team_id: str, owner: Account, member: Account, database: Database
    ) -> None:
        place = await place_of(database, team_id, member)
        path = f"/app/teams/{team_id}/hand-over"
        assert (await owner.browser.post(path, data={"profile_id": place})).status_code == 303
        assert (await owner.browser.post(path, data={"profile_id": place})).status_code == 403
        new_owner = await member.browser.post(f"/app/teams/{team_id}/settings", data=BUSINESS)
        assert new_owner.status_code == 303
        assert (await owner.browser.get(f"/app/teams/{team_id}")).status_code == 200
        assert (await profile_of(database, team_id, member.email))["role"] == "owner"
        assert (await profile_of(database, team_id, owner.email))["role"] == "member"

    async def test_takes_somebody_who_works_there(
        self, team_id: str, owner: Account, stranger: Account, database: Database
    ) -> None:
        await invite(owner, team_id, stranger.email)
        pending = await place_of(database, team_id, stranger)
        for profile_id in (pending, str(uuid4())):
            answer = await owner.browser.post(
                f"/app/teams/{team_id}/hand-over", data={"profile_id": profile_id}
            )
            assert answer.status_code == 409


class TestActivity:
    async def test_names_who_did_what_and_which_fields_never_their_values(
        self, team_id: str, owner: Account, member: Account, database: Database
    ) -> None:
        await owner.browser.post(
            f"/app/teams/{team_id}/settings", data={"name": "Halden", "industry": "Secret plans"}
        )
        place = await place_of(database, team_id, member)
        await member.browser.post(f"/app/teams/{team_id}/people/{place}", data=PERSONA)
        magnet = await write_magnet(member, title="By Mika")
        await member.browser.post(f"{magnet}/archive")
        seen = await logged(database, team_id)
        assert [action for action, _, _ in seen] == [
            "team.created",
            "profile.created",
            "team.updated",
            "profile.updated",
            "lead_magnet.created",
            "lead_magnet.archived",
        ]
        assert [person for _, person, _ in seen] == [owner.id] * 3 + [member.id] * 3
        assert seen[2][2] == {"fields": ["industry"]}
        assert "Secret plans" not in json.dumps([details for _, _, details in seen])
        feed = (await owner.browser.get(f"/app/teams/{team_id}/activity")).text
        assert "wrote the lead magnet" in feed
        assert "By Mika" in feed

    async def test_is_paged(self, team_id: str, owner: Account, member: Account) -> None:
        for number in range(35):
            await owner.browser.post(
                f"/app/teams/{team_id}/settings", data={"name": "Halden", "industry": str(number)}
            )
        path = f"/app/teams/{team_id}/activity"
        first, second = (
            await member.browser.get(path),
            await member.browser.get(path, params={"page": 2}),
        )
        assert "Page 1 of 2" in first.text
        assert "made the team" not in first.text
        assert "made the team" in second.text

    async def test_is_written_by_nobody_and_never_rewritten(
        self, team_id: str, owner: Account, stranger: Account, database: Database
    ) -> None:
        async with database.acting_as(stranger.actor, readonly=True) as tx:
            assert not await tx.fetchval(
                "select exists (select from team_activity_log where team_id = $1)", UUID(team_id)
            )
        with pytest.raises(Exception, match="permission denied"):
            async with database.acting_as(owner.actor) as tx:
                await tx.execute("delete from team_activity_log where team_id = $1", UUID(team_id))
        with pytest.raises(Exception, match="stays written"):
            async with database.acting_as(Service(Writer.MAGNETLAB, user_id=owner.id)) as tx:
                await tx.execute("delete from team_activity_log where team_id = $1", UUID(team_id))


class TestVoices:
    async def test_one_speaks_for_the_team(
        self, team_id: str, owner: Account, member: Account, database: Database
    ) -> None:
        place = await place_of(database, team_id, member)
        await owner.browser.post(f"/app/teams/{team_id}/people/{place}/default")
        assert (await profile_of(database, team_id, member.email))["is_default"]
        assert not (await profile_of(database, team_id, owner.email))["is_default"]

    async def test_needs_no_sign_in(self, team_id: str, owner: Account) -> None:
        answer = await owner.browser.post(
            f"/app/teams/{team_id}/people/new", data={"full_name": "The brand", "email": ""}
        )
        page = await owner.browser.get(answer.headers["location"])
        assert "The brand" in page.text
        assert "Without sign-in" in page.text

    async def test_a_personal_workspace_is_one_s_own(
        self, owner: Account, stranger: Account, database: Database
    ) -> None:
        await prove_address(database, stranger)
        async with database.acting_as(owner.actor, readonly=True) as tx:
            personal = await tx.fetchval(
                "select id from teams where owner_id = $1 and is_personal", owner.id
            )
        answer = await owner.browser.post(
            f"/app/teams/{personal}/people/new",
            data={"full_name": "Sven", "email": stranger.email},
        )
        assert answer.status_code == 409
        assert "yours alone" in answer.text
