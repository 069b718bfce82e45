"""A plan's limits hold on every path, for whoever pays, however many come at once."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import httpx
import pytest

from lodestone.domains.identity import service as identity
from lodestone.platform.actors import Actor, Root, Service, User, Writer
from lodestone.platform.database import Database
from lodestone.settings import Settings
from tests.domains.accounts import GUIDE, Account, draft_funnel, write_magnet
from tests.domains.identity.billing.conftest import MakeCreator, SetLimit
from tests.people import People, Person
from tests.rest.conftest import sign

JSON = {"accept": "application/json"}


async def _write(creator: Account, title: str = "Guide") -> httpx.Response:
    return await creator.browser.post(
        "/app/lead-magnets/new", data={"title": title, "body": GUIDE}, headers=JSON
    )


async def _counted(database: Database, user_id: UUID) -> int:
    async with database.acting_as(User(user_id)) as tx:
        found = await tx.fetchval(
            "select lead_magnets_created from usage_tracking where month_year = $1",
            datetime.now(UTC).strftime("%Y-%m"),
        )
    return found or 0


async def _insert(
    database: Database, actor: Actor, *, user_id: UUID, team_id: UUID | None = None
) -> None:
    async with database.acting_as(actor) as tx:
        await tx.execute(
            "insert into lead_magnets (user_id, team_id, title) values ($1, $2, 'Sheet')",
            user_id,
            team_id,
        )


@pytest.mark.usefixtures("limited")
class TestAMonth:
    async def test_holds_as_many_as_the_plan_and_says_where_to_get_more(
        self, creator: Account
    ) -> None:
        for _ in range(2):
            assert (await _write(creator)).status_code == 303
        refused = await _write(creator)
        assert refused.status_code == 403
        body = refused.json()
        assert body["code"] == "USAGE_LIMIT_EXCEEDED"
        assert (body["current"], body["limit"]) == (2, 2)
        assert body["upgrade"] == "/app/billing/plans"
        assert body["message"] == "The free plan holds 2 lead magnets a month."

    async def test_counts_nothing_that_was_refused(
        self, creator: Account, database: Database
    ) -> None:
        for _ in range(4):
            await _write(creator)
        assert await _counted(database, creator.id) == 2

    async def test_loses_no_text_to_a_limit(self, creator: Account) -> None:
        for _ in range(2):
            await _write(creator)
        page = await creator.browser.post(
            "/app/lead-magnets/new", data={"title": "The third", "body": "Words that took an hour."}
        )
        assert page.status_code == 403
        assert "Words that took an hour." in page.text
        assert "All 2 lead magnets of this month are used." in page.text
        assert "/app/billing/plans" in page.text

    async def test_tells_before_somebody_starts_to_write(
        self, creator: Account, stranger: Account
    ) -> None:
        for _ in range(2):
            await _write(creator)
        told = "All 2 lead magnets of this month are used."
        assert told in (await creator.browser.get("/app/lead-magnets/new")).text
        assert told not in (await stranger.browser.get("/app/lead-magnets/new")).text

    async def test_is_a_new_one_for_a_new_month(self, creator: Account, database: Database) -> None:
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into usage_tracking (user_id, month_year, lead_magnets_created)"
                " values ($1, '2020-01', 2)",
                creator.id,
            )
        assert (await _write(creator)).status_code == 303

    async def test_lets_exactly_as_many_through_as_there_is_room_of_fifty_at_once(
        self, make_creator: MakeCreator, database: Database
    ) -> None:
        creator = await make_creator("pro")
        answers = await asyncio.gather(*(_write(creator, f"Guide {n}") for n in range(50)))
        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(303), statuses.count(403)) == (25, 25)
        assert await _counted(database, creator.id) == 25
        async with database.acting_as(creator.actor) as tx:
            assert await tx.fetchval("select count(*) from lead_magnets") == 25

    async def test_has_no_end_on_the_unlimited_plan(self, make_creator: MakeCreator) -> None:
        creator = await make_creator("unlimited")
        answers = await asyncio.gather(*(_write(creator) for _ in range(30)))
        assert {answer.status_code for answer in answers} == {303}


@pytest.mark.usefixtures("limited")
class TestEveryPath:
    async def test_counts_what_comes_by_the_data_api(
        self, creator: Account, client: httpx.AsyncClient, settings: Settings, database: Database
    ) -> None:
        token = sign(settings, role="authenticated", sub=str(creator.id))
        headers = {"apikey": token, "authorization": f"Bearer {token}"}
        rows = [{"user_id": str(creator.id), "title": f"Sheet {n}"} for n in range(3)]
        too_many = await client.post("/rest/v1/lead_magnets", json=rows, headers=headers)
        assert too_many.status_code == 403
        assert "2 lead magnets a month" in too_many.json()["message"]
        assert await _counted(database, creator.id) == 0
        fitting = await client.post("/rest/v1/lead_magnets", json=rows[:2], headers=headers)
        assert fitting.status_code == 201
        assert await _counted(database, creator.id) == 2
        assert (await _write(creator)).status_code == 403

    async def test_counts_what_a_service_writes_for_somebody(
        self, people: People, database: Database
    ) -> None:
        person = await people.user()
        service = person.through(Writer.MAGNETLAB)
        for _ in range(2):
            await _insert(database, service, user_id=person.id)
        with pytest.raises(asyncpg.PostgresError, match="2 lead magnets a month"):
            await _insert(database, service, user_id=person.id)

    async def test_counts_no_import_by_the_service_key(
        self, creator: Account, database: Database
    ) -> None:
        for _ in range(4):
            await _insert(database, Root(), user_id=creator.id)
        assert await _counted(database, creator.id) == 0

    async def test_counts_on_whoever_owns_the_team(
        self, people: People, database: Database
    ) -> None:
        owner, member = await people.user(name="Olga Owner"), await people.user(name="Mo Member")
        team_id = await people.team(owner, member)
        for person in (owner, member):
            await _insert(database, person.actor, user_id=person.id, team_id=team_id)
        assert await _counted(database, owner.id) == 2
        assert await _counted(database, member.id) == 0
        with pytest.raises(asyncpg.PostgresError) as refused:
            await _insert(database, member.actor, user_id=member.id, team_id=team_id)
        assert refused.value.sqlstate == "LS402"
        assert "owner of this workspace" in (refused.value.hint or "")
        await _insert(database, member.actor, user_id=member.id)

    async def test_nobody_counts_on_the_plan_of_a_stranger(
        self, creator: Account, stranger: Account, database: Database
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(stranger.actor) as tx:
                await identity.check_and_count(
                    tx, billing_user_id=creator.id, what=identity.Resource.LEAD_MAGNETS
                )
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetch("select * from access.plan_usage($1)", creator.id) == []


@pytest.mark.usefixtures("limited")
class TestFunnels:
    async def test_are_limited_in_all_and_not_by_the_month(
        self, make_creator: MakeCreator, database: Database
    ) -> None:
        creator = await make_creator("pro")
        magnets = [await write_magnet(creator, title=f"Guide {n}") for n in range(3)]
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update subscriptions set plan = 'free' where user_id = $1", creator.id
            )
        for magnet in magnets[:2]:
            await draft_funnel(creator, magnet)
        answer = await creator.browser.post(
            "/app/funnels/draft",
            data={"lead_magnet_id": magnets[2].rsplit("/", 1)[1]},
            headers=JSON,
        )
        assert answer.status_code == 403
        assert answer.json()["message"] == "The free plan holds 2 funnels."

    async def test_show_a_person_the_way_to_more(
        self, creator: Account, set_limit: SetLimit
    ) -> None:
        await set_limit("funnels", free=0)
        magnet = await write_magnet(creator)
        page = await creator.browser.post(
            "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
        )
        assert page.status_code == 403
        assert "The free plan holds no funnels." in page.text
        assert 'href="/app/billing/plans"' in page.text

    async def test_let_exactly_as_many_through_of_many_at_once(
        self, make_creator: MakeCreator, set_limit: SetLimit
    ) -> None:
        creator = await make_creator("pro")
        magnets = [await write_magnet(creator, title=f"Guide {n}") for n in range(20)]
        await set_limit("funnels", pro=8)
        answers = await asyncio.gather(
            *(
                creator.browser.post(
                    "/app/funnels/draft",
                    data={"lead_magnet_id": magnet.rsplit("/", 1)[1]},
                    headers=JSON,
                )
                for magnet in magnets
            )
        )
        statuses = [answer.status_code for answer in answers]
        assert (statuses.count(303), statuses.count(403)) == (8, 12)

    async def test_variants_are_no_funnels_of_their_own(
        self, creator: Account, database: Database, set_limit: SetLimit
    ) -> None:
        funnel = await draft_funnel(creator, await write_magnet(creator))
        await set_limit("funnels", free=1)
        async with database.acting_as(Service(Writer.MAGNETLAB, user_id=creator.id)) as tx:
            await tx.execute(
                "insert into funnel_pages"
                " (user_id, lead_magnet_id, slug, optin_headline, is_variant, variant_label)"
                " select user_id, lead_magnet_id, slug || '-b', 'Another', true, 'B'"
                " from funnel_pages where id = $1",
                UUID(funnel.rsplit("/", 1)[1]),
            )


@pytest.mark.usefixtures("limited")
class TestWhatHasNoRow:
    async def test_is_counted_by_the_use_case(
        self, make_creator: MakeCreator, database: Database
    ) -> None:
        free, pro = await make_creator(), await make_creator("pro")
        with pytest.raises(identity.UsageLimitExceeded, match="holds no scheduled posts") as told:
            await _schedule(database, free, 1)
        assert (told.value.current, told.value.limit) == (0, 0)
        await _schedule(database, pro, 15)
        with pytest.raises(identity.UsageLimitExceeded) as told:
            await _schedule(database, pro, 1)
        assert (told.value.current, told.value.limit) == (15, 15)


async def _schedule(database: Database, creator: Account, count: int) -> None:
    async with database.acting_as(creator.actor) as tx:
        await identity.check_and_count(
            tx, billing_user_id=creator.id, what=identity.Resource.POSTS, count=count
        )


class TestTheBeta:
    async def test_lifts_all_limits_and_counts_all_the_same(
        self, creator: Account, database: Database
    ) -> None:
        for _ in range(4):
            assert (await _write(creator)).status_code == 303
        assert await _counted(database, creator.id) == 4


class TestFeatures:
    @pytest.mark.parametrize(
        "setting",
        [
            "whitelabel_enabled = true",
            "hide_branding = true",
            "custom_site_name = 'Mine'",
            "custom_email_sender_name = 'Ada'",
            "custom_from_email = 'ada@{domain}'",
        ],
    )
    @pytest.mark.usefixtures("limited")
    async def test_of_a_larger_plan_are_refused_on_the_free_one(
        self, people: People, database: Database, setting: str
    ) -> None:
        owner = await people.user()
        team_id = await people.team(owner)
        domain = f"{owner.username}.example.com"
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "insert into team_email_domains (team_id, domain, status)"
                " values ($1, $2, 'verified')",
                team_id,
                domain,
            )
        statement = f"update teams set {setting.format(domain=domain)} where id = $1"
        with pytest.raises(asyncpg.PostgresError, match="doesn't include") as refused:
            async with database.acting_as(owner.actor) as tx:
                await tx.execute(statement, team_id)
        assert refused.value.sqlstate == "LS402"
        await _buy(database, owner, "pro")
        async with database.acting_as(owner.actor) as tx:
            await tx.execute(statement, team_id)

    @pytest.mark.usefixtures("limited")
    async def test_are_taken_back_on_any_plan(self, people: People, database: Database) -> None:
        owner = await people.user()
        team_id = await people.team(owner)
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update teams set whitelabel_enabled = true, custom_site_name = 'Mine'"
                " where id = $1",
                team_id,
            )
        async with database.acting_as(owner.actor) as tx:
            await tx.execute(
                "update teams set whitelabel_enabled = false, custom_site_name = null, name = 'New'"
                " where id = $1",
                team_id,
            )

    @pytest.mark.parametrize("table", ["team_domains", "team_email_domains"])
    @pytest.mark.usefixtures("limited")
    async def test_domains_are_refused_to_services_too(
        self, people: People, database: Database, table: str
    ) -> None:
        owner = await people.user()
        team_id = await people.team(owner)
        statement = f"insert into {table} (team_id, domain) values ($1, $2)"
        domain = f"{owner.username}.example.com"
        with pytest.raises(asyncpg.PostgresError, match="domain of your own") as refused:
            async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
                await tx.execute(statement, team_id, domain)
        assert refused.value.sqlstate == "LS402"
        await _buy(database, owner, "pro")
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            await tx.execute(statement, team_id, domain)

    @pytest.mark.usefixtures("limited")
    async def test_are_refused_by_the_data_api_with_the_way_to_more(
        self, creator: Account, client: httpx.AsyncClient, settings: Settings
    ) -> None:
        token = sign(settings, role="authenticated", sub=str(creator.id))
        refused = await client.patch(
            "/rest/v1/teams",
            params={"owner_id": f"eq.{creator.id}"},
            json={"custom_site_name": "Mine"},
            headers={"apikey": token, "authorization": f"Bearer {token}"},
        )
        assert refused.status_code == 403
        assert refused.json()["message"] == "The free plan doesn't include white label."
        assert json.loads(refused.json()["details"])["upgrade"] == "/app/billing/plans"

    @pytest.mark.usefixtures("limited")
    async def test_are_asked_for_by_name(self, creator: Account, database: Database) -> None:
        with pytest.raises(identity.UpgradeNeeded, match="email domain of your own") as told:
            async with database.acting_as(creator.actor) as tx:
                await identity.require_feature(
                    tx, billing_user_id=creator.id, feature=identity.Resource.EMAIL_DOMAIN
                )
        assert told.value.status == 403
        assert told.value.to_json()["upgrade"] == "/app/billing/plans"


async def _buy(database: Database, person: Account | Person, plan: str) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "insert into subscriptions (user_id, plan) values ($1, $2)"
            " on conflict (user_id) do update set plan = excluded.plan",
            person.id,
            plan,
        )
