"""Making accounts, and what a person changes about their own."""

from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from lodestone.auth import service
from lodestone.auth.models import SignedIn
from lodestone.auth.passwords import verify_password
from lodestone.auth.profiles import service as profiles
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.errors import Conflict, InvalidInput
from tests.auth.conftest import PASSWORD, Account

pytestmark = pytest.mark.usefixtures("runtime")


def _name() -> str:
    return f"n{uuid4().hex[:12]}"


class TestCreatingAnAccount:
    async def test_gives_it_a_plan_a_workspace_and_a_tenant(
        self, database: Database, account: Account
    ) -> None:
        async with database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                """
                select s.plan, t.is_personal, p.role, p.status, r.tenant_id is not null as joined
                from users as u
                join subscriptions as s on s.user_id = u.id
                join teams as t on t.owner_id = u.id
                join team_profiles as p on p.team_id = t.id and p.user_id = u.id
                join profiles as r on r.id = u.id
                where u.id = $1
                """,
                account.id,
            )
        assert row is not None
        assert tuple(row) == ("free", True, "owner", "active", True)

    async def test_keeps_the_password_as_argon2id(
        self, database: Database, account: Account
    ) -> None:
        async with database.acting_as(Root()) as tx:
            stored = await tx.fetchval("select password_hash from users where id = $1", account.id)
        assert stored.startswith("$argon2id$")
        assert await verify_password(stored, PASSWORD)
        assert not await verify_password(stored, PASSWORD + "!")

    async def test_makes_the_first_one_run_the_installation(self, fresh_database: Database) -> None:
        async with fresh_database.acting_as(Root()) as tx:
            for name in ("first", "second"):
                await service.create_user(tx, email=f"{name}@example.com", password=None, name=name)
            rows = await tx.fetch("select name, is_super_admin from users order by name")
        assert [tuple(row) for row in rows] == [("first", True), ("second", False)]

    async def test_has_a_business_of_its_own(self, fresh_database: Database) -> None:
        async with fresh_database.acting_as(Root()) as tx:
            for name in ("first", "second"):
                await service.create_user(tx, email=f"{name}@example.com", password=None, name=name)
            assert await tx.fetchval("select count(distinct tenant_id) from profiles") == 2
            assert await service.find_only_tenant(tx) is None

    async def test_joins_the_business_that_is_named(self, fresh_database: Database) -> None:
        async with fresh_database.acting_as(Root()) as tx:
            await service.create_user(tx, email="first@example.com", password=None, name="First")
            only = await service.find_only_tenant(tx)
            await service.create_user(
                tx, email="second@example.com", password=None, name="Second", tenant_id=only
            )
            roles = await tx.fetch("select tenant_id, role from profiles order by email")
        assert [tuple(row) for row in roles] == [(only, "owner"), (only, "member")]

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("email", {"email": "not an address"}),
            ("name", {"name": "   "}),
            ("password", {"password": "short"}),
            ("password", {"password": "aaaaaaaaaaaaaaa"}),
            ("password", {"password": "password123"}),
            ("password", {"email": "somebody-long@example.com", "password": "somebody-long"}),
            ("username", {"username": "no spaces"}),
            ("username", {"username": "admin"}),
        ],
    )
    async def test_names_the_field_that_is_wrong(
        self, database: Database, field: str, values: dict[str, str]
    ) -> None:
        given: dict[str, Any] = {
            "email": f"{_name()}@example.com",
            "password": PASSWORD,
            "name": "Ada",
            "username": _name(),
            **values,
        }
        with pytest.raises(InvalidInput) as refused:
            async with database.acting_as(Root()) as tx:
                await service.create_user(tx, **given)
        assert list(refused.value.fields) == [field]

    async def test_refuses_a_taken_address_and_a_taken_name(self, database: Database) -> None:
        name = _name()
        async with database.acting_as(Root()) as tx:
            await service.create_user(
                tx, email=f"{name}@example.com", password=None, name="Ada", username=name
            )
        taken_email: dict[str, Any] = {"email": f"{name.upper()}@example.com", "username": _name()}
        taken_name: dict[str, Any] = {"email": f"{_name()}@example.com", "username": name.upper()}
        for given in (taken_email, taken_name):
            with pytest.raises(Conflict):
                async with database.acting_as(Root()) as tx:
                    await service.create_user(tx, password=None, name="Bo", **given)

    async def test_nobody_reads_a_password_hash(self, database: Database, account: Account) -> None:
        user = await _signed_in(database, account)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(user.actor) as tx:
                await tx.fetchval("select password_hash from users where id = $1", account.id)


class TestChangingThePassword:
    async def test_ends_every_other_session(self, database: Database, account: Account) -> None:
        user = await _signed_in(database, account)
        async with database.acting_as(Root()) as tx:
            elsewhere = await service.open_session(tx, user_id=account.id)
        await profiles.change_password(user, current=PASSWORD, new="four other plain words")
        assert await service.find_signed_in(elsewhere) is None
        assert [one.id for one in await service.list_sessions(user)] == [user.session_id]

    async def test_needs_the_current_one(self, database: Database, account: Account) -> None:
        user = await _signed_in(database, account)
        with pytest.raises(InvalidInput) as refused:
            await profiles.change_password(user, current="a guess", new="four other plain words")
        assert list(refused.value.fields) == ["current_password"]

    async def test_refuses_a_weak_one(self, database: Database, account: Account) -> None:
        user = await _signed_in(database, account)
        with pytest.raises(InvalidInput) as refused:
            await profiles.change_password(user, current=PASSWORD, new="short")
        assert list(refused.value.fields) == ["password"]


async def _signed_in(database: Database, account: Account) -> SignedIn:
    async with database.acting_as(Root()) as tx:
        token = await service.open_session(tx, user_id=account.id)
    found = await service.find_signed_in(token)
    assert found is not None
    return found
