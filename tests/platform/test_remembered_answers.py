"""Whose teams and tenant: remembered for a transaction, and never longer than they are true."""

from uuid import UUID

from lodestone.platform.actors import Root
from lodestone.platform.database import Database, Tx
from tests.people import People, Person


async def teams(tx: Tx) -> set[UUID]:
    return set(await tx.fetchval("select access.team_ids()"))


async def owned(tx: Tx) -> set[UUID]:
    return set(await tx.fetchval("select access.owned_team_ids()"))


async def claim(tx: Tx, person: Person) -> None:
    claims = f'{{"role": "authenticated", "sub": "{person.id}"}}'
    await tx.execute("select set_config('request.jwt.claims', $1, true)", claims)


class TestAnswers:
    async def test_follow_the_claims(self, database: Database, people: People) -> None:
        one, other = await people.user(), await people.user()
        team_id, other_team_id = await people.team(one), await people.team(other)
        async with database.acting_as(one.actor) as tx:
            assert await teams(tx) == {team_id}
            await claim(tx, other)
            assert await teams(tx) == {other_team_id}
            assert await owned(tx) == {other_team_id}
            await claim(tx, one)
            assert await teams(tx) == {team_id}

    async def test_follow_a_new_team_and_its_owner(
        self, database: Database, people: People
    ) -> None:
        one, other = await people.user(), await people.user()
        async with database.acting_as(one.actor) as tx:
            assert await owned(tx) == set()
            team_id = await tx.fetchval(
                "insert into teams (owner_id, name) values ($1, 'New') returning id", one.id
            )
            assert await teams(tx) == await owned(tx) == {team_id}
        async with database.acting_as(Root()) as tx:
            await claim(tx, one)
            assert await owned(tx) == {team_id}
            await tx.execute("update teams set owner_id = $2 where id = $1", team_id, other.id)
            assert await owned(tx) == set()

    async def test_follow_a_removal_and_its_undoing(
        self, database: Database, people: People
    ) -> None:
        owner, member = await people.user(), await people.user()
        team_id = await people.team(owner, member)
        async with database.acting_as(Root()) as tx:
            await claim(tx, member)
            assert await teams(tx) == {team_id}
            await tx.execute("savepoint before")
            await tx.execute(
                "update team_profiles set status = 'removed' where user_id = $1", member.id
            )
            assert await teams(tx) == set()
            await tx.execute("rollback to savepoint before")
            assert await teams(tx) == {team_id}

    async def test_follow_a_new_tenant(self, database: Database, people: People) -> None:
        person, tenant_id = await people.user(), await people.tenant()
        async with database.acting_as(Root()) as tx:
            await claim(tx, person)
            assert await tx.fetchval("select auth_tenant_id()") is None
            await tx.execute(
                "insert into profiles (id, tenant_id, email) values ($1, $2, $3)",
                person.id,
                tenant_id,
                person.email,
            )
            assert await tx.fetchval("select auth_tenant_id()") == tenant_id

    async def test_are_not_kept_for_the_next_transaction(
        self, database: Database, people: People
    ) -> None:
        person = await people.user()
        async with database.acting_as(person.actor) as tx:
            assert await teams(tx) == set()
        team_id = await people.team(person)
        async with database.acting_as(person.actor) as tx:
            assert await teams(tx) == {team_id}
