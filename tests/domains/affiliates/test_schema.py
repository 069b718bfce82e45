"""What the tables of partners and members promise, whoever writes to them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Member, Partner, Root, Service, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.people import People, Person

PUBLIC = ("name", "company", "photo_url", "bio", "slug")


@dataclass(frozen=True, slots=True)
class Programme:
    """A tenant that runs both programmes, one of its staff, and its service."""

    tenant_id: UUID
    staff: Person
    service: Service


@pytest.fixture
async def programme(people: People) -> Programme:
    tenant_id = await people.tenant(name="Programme")
    staff = await people.user(tenant_id=tenant_id)
    return Programme(tenant_id, staff, Service(Writer.COPY_OF_GTM_OS, tenant_id=tenant_id))


async def add(tx: Tx, table: str, **values: Any) -> UUID:
    """Insert a row and return its id."""
    marks = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row_id: UUID = await tx.fetchval(
        f"insert into public.{table} ({', '.join(values)}) values ({marks}) returning id",
        *values.values(),
    )
    return row_id


async def add_partner(
    database: Database, programme: Programme, status: str = "active", **values: Any
) -> Partner:
    handle = uuid4().hex
    partner = {
        "tenant_id": programme.tenant_id,
        "email": f"{handle}@example.com",
        "name": "Pat Partner",
        "slug": handle,
        "code": handle.upper(),
        "status": status,
    }
    async with database.acting_as(programme.service) as tx:
        return Partner(await add(tx, "affiliates", **(partner | values)))


async def add_referral(
    database: Database, programme: Programme, partner: Partner, **values: Any
) -> UUID:
    async with database.acting_as(programme.service) as tx:
        return await add(tx, "referrals", affiliate_id=partner.affiliate_id, **values)


async def add_payout(
    database: Database, programme: Programme, partner: Partner, referral_id: UUID, **values: Any
) -> UUID:
    async with database.acting_as(programme.service) as tx:
        return await add(
            tx,
            "affiliate_payouts",
            affiliate_id=partner.affiliate_id,
            referral_id=referral_id,
            amount=500,
            **values,
        )


async def add_member(database: Database, programme: Programme, **values: Any) -> Member:
    async with database.acting_as(programme.service) as tx:
        member_id = await add(
            tx,
            "gc_members",
            tenant_id=programme.tenant_id,
            email=f"{uuid4().hex}@example.com",
            **values,
        )
    return Member(member_id)


async def set_status(
    database: Database, programme: Programme, table: str, row_id: UUID, status: str
) -> None:
    async with database.acting_as(programme.service) as tx:
        await tx.execute(f"update public.{table} set status = $2 where id = $1", row_id, status)


@pytest.fixture
async def partner(database: Database, programme: Programme) -> Partner:
    return await add_partner(database, programme)


@pytest.fixture
async def member(database: Database, programme: Programme) -> Member:
    return await add_member(database, programme)


@pytest.fixture
async def paid_referral(database: Database, programme: Programme, partner: Partner) -> UUID:
    return await add_referral(
        database, programme, partner, status="paid_in_full", total_price=3500, amount_paid=3500
    )


class TestPartners:
    @pytest.mark.parametrize("column", ["email", "slug", "code"])
    async def test_are_known_by_one_address_page_and_code(
        self, database: Database, programme: Programme, column: str
    ) -> None:
        handle = uuid4().hex
        value = {"email": f"{handle}@example.com", "slug": handle, "code": handle.upper()}[column]
        await add_partner(database, programme, **{column: value})
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_partner(database, programme, **{column: value})

    @pytest.mark.parametrize(
        "wrong",
        [
            {"email": "Pat@Example.com"},
            {"slug": "Pat P"},
            {"code": "abc"},
            {"commission_amount": 0},
        ],
    )
    async def test_refuses_what_is_not_a_partner(
        self, database: Database, programme: Programme, wrong: dict[str, Any]
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await add_partner(database, programme, **wrong)

    async def test_an_application_is_approved_before_it_is_active(
        self, database: Database, programme: Programme
    ) -> None:
        applicant = await add_partner(database, programme, status="pending")
        with pytest.raises(asyncpg.PostgresError, match="from pending to active") as refused:
            await set_status(database, programme, "affiliates", applicant.affiliate_id, "active")
        assert refused.value.sqlstate == "LS409"
        for status in ("approved", "active", "suspended", "active"):
            await set_status(database, programme, "affiliates", applicant.affiliate_id, status)

    async def test_a_code_stays_once_it_is_used(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        changing = "update public.affiliates set code = $2 where id = $1"
        async with database.acting_as(programme.service) as tx:
            await tx.execute(changing, partner.affiliate_id, uuid4().hex.upper())
        await add_referral(database, programme, partner)
        with pytest.raises(asyncpg.PostgresError, match="stays once it is used"):
            async with database.acting_as(programme.service) as tx:
                await tx.execute(changing, partner.affiliate_id, uuid4().hex.upper())

    async def test_visitors_see_the_public_side_of_active_partners(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        applicant = await add_partner(database, programme, status="pending")
        async with database.acting_as(Root()) as tx:
            slugs = {
                row["id"]: row["slug"]
                for row in await tx.fetch(
                    "select id, slug from public.affiliates where id = any ($1)",
                    [partner.affiliate_id, applicant.affiliate_id],
                )
            }
        async with database.acting_as(Visitor()) as tx:
            seen = await tx.fetch(
                f"select {', '.join(PUBLIC)} from public.affiliates where slug = any ($1)",
                list(slugs.values()),
            )
        assert [row["slug"] for row in seen] == [slugs[partner.affiliate_id]]

    @pytest.mark.parametrize("column", ["email", "code", "stripe_connect_account_id"])
    async def test_visitors_see_no_more(self, database: Database, column: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(Visitor()) as tx:
                await tx.fetch(f"select {column} from public.affiliates")

    async def test_edit_their_page_and_not_their_commission(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        await add_partner(database, programme)
        async with database.acting_as(partner) as tx:
            assert await tx.execute("update public.affiliates set bio = 'Hello'") == "UPDATE 1"
        for change in ("commission_amount = 900", "status = 'active'", "email = 'a@example.com'"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(partner) as tx:
                    await tx.execute(f"update public.affiliates set {change}")

    async def test_a_suspended_partner_sees_nothing(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        await set_status(database, programme, "affiliates", partner.affiliate_id, "suspended")
        async with database.acting_as(partner) as tx:
            assert await tx.fetchval("select count(id) from public.affiliates") == 0
            assert await tx.fetch("select * from public.partner_referrals()") == []

    async def test_another_tenants_staff_see_nothing(
        self, database: Database, people: People, partner: Partner
    ) -> None:
        stranger = await people.user(tenant_id=await people.tenant())
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetchval("select count(id) from public.affiliates") == 0

    async def test_a_partner_with_referrals_is_not_deleted(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        await add_referral(database, programme, partner)
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            async with database.acting_as(programme.staff.actor) as tx:
                await tx.execute(
                    "delete from public.affiliates where id = $1", partner.affiliate_id
                )

    async def test_active_partners_see_the_assets_that_are_shown(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        async with database.acting_as(programme.staff.actor) as tx:
            for title, shown in (("Shown", True), ("Hidden", False)):
                await add(tx, "affiliate_assets", title=title, asset_type="image", is_visible=shown)
        approved = await add_partner(database, programme, status="approved")
        reading = "select title from public.affiliate_assets"
        async with database.acting_as(partner) as tx:
            assert [row["title"] for row in await tx.fetch(reading)] == ["Shown"]
        async with database.acting_as(approved) as tx:
            assert await tx.fetch(reading) == []


class TestReferrals:
    async def test_go_forward_only(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        referral_id = await add_referral(
            database, programme, partner, total_price=3500, amount_paid=3500
        )
        for status in ("enrolled", "paying", "paid_in_full", "commission_paid"):
            await set_status(database, programme, "referrals", referral_id, status)
        with pytest.raises(asyncpg.PostgresError, match="from commission_paid to paying"):
            await set_status(database, programme, "referrals", referral_id, "paying")

    @pytest.mark.parametrize(("price", "paid"), [(3500, 3499), (0, 0)])
    async def test_paid_in_full_means_that_the_price_is_paid(
        self, database: Database, programme: Programme, partner: Partner, price: int, paid: int
    ) -> None:
        with pytest.raises(asyncpg.CheckViolationError):
            await add_referral(
                database,
                programme,
                partner,
                status="paid_in_full",
                total_price=price,
                amount_paid=paid,
            )

    @pytest.mark.parametrize(
        "values", [{"referred_email": "eve@example.com"}, {"visitor_id": "browser"}]
    )
    async def test_a_person_is_one_referral_of_a_partner(
        self, database: Database, programme: Programme, partner: Partner, values: dict[str, str]
    ) -> None:
        await add_referral(database, programme, partner, **values)
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_referral(database, programme, partner, **values)

    async def test_a_student_is_the_referral_of_one_partner(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        teaching = Service(Writer.GTM_SYSTEM, tenant_id=programme.tenant_id)
        async with database.acting_as(teaching) as tx:
            student_id = await add(
                tx,
                "bootcamp_students",
                tenant_id=programme.tenant_id,
                email=f"{uuid4().hex}@example.com",
            )
        await add_referral(database, programme, partner, bootcamp_student_id=student_id)
        rival = await add_partner(database, programme)
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_referral(database, programme, rival, bootcamp_student_id=student_id)

    async def test_partners_see_their_own_with_the_address_masked(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        rival = await add_partner(database, programme)
        await add_referral(database, programme, partner, referred_email="eve@example.com")
        await add_referral(database, programme, rival, referred_email="bob@example.com")
        async with database.acting_as(partner) as tx:
            rows = await tx.fetch("select * from public.partner_referrals()")
            direct = await tx.fetchval("select count(*) from public.referrals")
        assert [row["masked_email"] for row in rows] == ["e***@example.com"]
        assert direct == 0

    async def test_a_payment_counts_once(
        self, database: Database, programme: Programme, paid_referral: UUID
    ) -> None:
        payment = {
            "referral_id": paid_referral,
            "stripe_id": "in_1",
            "amount_cents": 350_000,
            "paid_at": datetime.now(UTC),
        }
        async with database.acting_as(programme.service) as tx:
            await add(tx, "referral_payments", **payment)
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(programme.service) as tx:
                await add(tx, "referral_payments", **payment)


class TestPayouts:
    async def test_one_referral_has_one_payout_that_has_not_failed(
        self, database: Database, programme: Programme, partner: Partner, paid_referral: UUID
    ) -> None:
        payout_id = await add_payout(database, programme, partner, paid_referral)
        with pytest.raises(asyncpg.UniqueViolationError):
            await add_payout(database, programme, partner, paid_referral)
        await set_status(database, programme, "affiliate_payouts", payout_id, "failed")
        await add_payout(database, programme, partner, paid_referral)
        with pytest.raises(asyncpg.UniqueViolationError):
            await set_status(database, programme, "affiliate_payouts", payout_id, "pending")

    async def test_none_before_the_referral_is_paid_in_full(
        self, database: Database, programme: Programme, partner: Partner
    ) -> None:
        referral_id = await add_referral(database, programme, partner, status="enrolled")
        with pytest.raises(asyncpg.CheckViolationError, match="paid in full"):
            await add_payout(database, programme, partner, referral_id)

    async def test_none_to_another_partner(
        self, database: Database, programme: Programme, paid_referral: UUID
    ) -> None:
        rival = await add_partner(database, programme)
        with pytest.raises(asyncpg.CheckViolationError, match="paid in full"):
            await add_payout(database, programme, rival, paid_referral)

    async def test_a_paid_one_stays_paid(
        self, database: Database, programme: Programme, partner: Partner, paid_referral: UUID
    ) -> None:
        payout_id = await add_payout(
            database, programme, partner, paid_referral, status="paid", paid_at=datetime.now(UTC)
        )
        with pytest.raises(asyncpg.PostgresError, match="from paid to pending"):
            await set_status(database, programme, "affiliate_payouts", payout_id, "pending")

    async def test_partners_read_their_own_and_write_none(
        self, database: Database, programme: Programme, partner: Partner, paid_referral: UUID
    ) -> None:
        await add_payout(database, programme, partner, paid_referral)
        rival = await add_partner(database, programme)
        for reader, count in ((partner, 1), (rival, 0)):
            async with database.acting_as(reader) as tx:
                reading = "select count(*) from public.affiliate_payouts"
                assert await tx.fetchval(reading) == count
        for writer in (partner, programme.staff.actor):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(writer) as tx:
                    await tx.execute("update public.affiliate_payouts set amount = 900")


class TestMembers:
    async def test_see_themselves_without_the_remarks_of_the_staff(
        self, database: Database, programme: Programme
    ) -> None:
        member = await add_member(database, programme, name="Gil", notes="Late payer")
        async with database.acting_as(member) as tx:
            rows = await tx.fetch("select * from public.gc_member_profile()")
            direct = await tx.fetchval("select count(*) from public.gc_members")
        assert [(row["id"], row["name"]) for row in rows] == [(member.member_id, "Gil")]
        assert "notes" not in dict(rows[0])
        assert direct == 0

    async def test_write_one_ideal_customer_of_their_own(
        self, database: Database, programme: Programme, member: Member
    ) -> None:
        async with database.acting_as(member) as tx:
            await add(tx, "member_icp", member_id=member.member_id, verticals="SaaS")
        with pytest.raises(asyncpg.UniqueViolationError):
            async with database.acting_as(member) as tx:
                await add(tx, "member_icp", member_id=member.member_id)
        other = await add_member(database, programme)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(member) as tx:
                await add(tx, "member_icp", member_id=other.member_id)
        async with database.acting_as(other) as tx:
            assert await tx.fetchval("select count(*) from public.member_icp") == 0

    async def test_see_the_checklist_of_their_plan(
        self, database: Database, programme: Programme
    ) -> None:
        async with database.acting_as(programme.staff.actor) as tx:
            for plan in ("All Plans", "Full Only"):
                await add(
                    tx, "onboarding_checklist", item=plan, category="Week 1", plan_required=plan
                )
        seen = {}
        for plan in ("Full ($1000/mo)", "Trial"):
            member = await add_member(database, programme, plan=plan)
            async with database.acting_as(member) as tx:
                rows = await tx.fetch("select item from public.onboarding_checklist order by item")
            seen[plan] = [row["item"] for row in rows]
        assert seen == {"Full ($1000/mo)": ["All Plans", "Full Only"], "Trial": ["All Plans"]}

    async def test_a_finished_item_is_dated_until_it_is_taken_back(
        self, database: Database, programme: Programme, member: Member
    ) -> None:
        async with database.acting_as(programme.staff.actor) as tx:
            item_id = await add(tx, "onboarding_checklist", item="Kick off", category="Week 1")
        async with database.acting_as(member) as tx:
            await add(
                tx,
                "member_progress",
                member_id=member.member_id,
                checklist_item_id=item_id,
                status="Complete",
            )
            reading = "select completed_date from public.member_progress"
            assert await tx.fetchval(reading) is not None
            await tx.execute("update public.member_progress set status = 'Blocked'")
            assert await tx.fetchval(reading) is None

    async def test_a_paused_member_reads_and_does_not_write(
        self, database: Database, programme: Programme, member: Member
    ) -> None:
        async with database.acting_as(member) as tx:
            await add(tx, "member_icp", member_id=member.member_id, verticals="SaaS")
        await set_status(database, programme, "gc_members", member.member_id, "Paused")
        async with database.acting_as(member) as tx:
            assert await tx.fetchval("select verticals from public.member_icp") == "SaaS"
            assert await tx.execute("update public.member_icp set verticals = ''") == "UPDATE 0"

    async def test_one_who_left_sees_nothing(
        self, database: Database, programme: Programme
    ) -> None:
        member = await add_member(database, programme, status="Churned")
        async with database.acting_as(member) as tx:
            assert await tx.fetch("select * from public.gc_member_profile()") == []

    async def test_passwords_are_read_by_the_service_alone(
        self, database: Database, programme: Programme, member: Member
    ) -> None:
        async with database.acting_as(programme.service) as tx:
            await add(
                tx, "tool_access", member_id=member.member_id, tool="Clay", password="encrypted"
            )
        async with database.acting_as(member) as tx:
            assert await tx.fetchval("select tool from public.tool_access") == "Clay"
        for reader in (member, programme.staff.actor):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.acting_as(reader) as tx:
                    await tx.fetch("select password from public.tool_access")

    async def test_a_session_is_of_a_partner_or_of_a_member(
        self, database: Database, programme: Programme, partner: Partner, member: Member
    ) -> None:
        session = {"token_hash": uuid4().hex, "expires_at": datetime.now(UTC)}
        for holder in ({}, {"affiliate_id": partner.affiliate_id, "member_id": member.member_id}):
            with pytest.raises(asyncpg.CheckViolationError):
                async with database.acting_as(programme.service) as tx:
                    await add(tx, "portal_sessions", **session, **holder)
