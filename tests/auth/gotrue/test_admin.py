"""The service key: accounts listed, made, changed, closed, deleted, invited, linked."""

from uuid import uuid4

import bcrypt
import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from tests.auth.gotrue.conftest import APP, NEW_PASSWORD, PASSWORD, URL, Door, an_email


class TestAccounts:
    async def test_are_made_with_everything_given(self, door: Door) -> None:
        admin, email, wanted = (await door.service()).admin, an_email(), str(uuid4())
        made = await admin.create_user(
            {
                "id": wanted,
                "email": email,
                "password": PASSWORD,
                "email_confirm": True,
                "user_metadata": {"name": "Grace"},
                "app_metadata": {"plan": "pro"},
            }
        )
        assert made.user.id == wanted
        assert made.user.app_metadata == {
            "provider": "email",
            "providers": ["email"],
            "plan": "pro",
        }
        assert (await admin.get_user_by_id(wanted)).user.user_metadata == {"name": "Grace"}
        assert await door.fetchval("select name from users where id = $1", wanted) == "Grace"
        await (await door.client()).sign_in_with_password({"email": email, "password": PASSWORD})

    async def test_may_bring_their_hash(self, door: Door) -> None:
        admin, email = (await door.service()).admin, an_email()
        made = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()
        await admin.create_user({"email": email, "password_hash": made, "email_confirm": True})
        await (await door.client()).sign_in_with_password({"email": email, "password": PASSWORD})
        with pytest.raises(AuthApiError):
            await admin.create_user({"email": an_email(), "password_hash": "plain"})

    async def test_wait_for_their_mail_unless_confirmed(self, door: Door) -> None:
        admin, email = (await door.service()).admin, an_email()
        made = await admin.create_user({"email": email, "password": PASSWORD})
        with pytest.raises(AuthApiError) as refused:
            await (await door.client()).sign_in_with_password(
                {"email": email, "password": PASSWORD}
            )
        assert refused.value.code == "email_not_confirmed"
        await admin.update_user_by_id(made.user.id, {"email_confirm": True})
        await (await door.client()).sign_in_with_password({"email": email, "password": PASSWORD})

    async def test_are_listed_by_page(self, door: Door) -> None:
        admin, mark = (await door.service()).admin, uuid4().hex[:10]
        for number in range(3):
            await admin.create_user({"email": f"{mark}-{number}@example.com"})
        pages = [await admin.list_users(page=page, per_page=2) for page in (1, 2)]
        assert [len(page) for page in pages] == [2, 2]
        assert pages[0][0].email == f"{mark}-2@example.com"
        answer = await (await door.browser()).get(
            f"{URL}/admin/users?filter={mark}&per_page=2",
            headers={"authorization": f"Bearer {door.key()}"},
        )
        assert answer.headers["x-total-count"] == "3"
        assert 'page=2>; rel="next"' in answer.headers["link"]
        bad = await (await door.browser()).get(
            f"{URL}/admin/users?page=0", headers={"authorization": f"Bearer {door.key()}"}
        )
        assert bad.status_code == 400

    async def test_are_changed(self, door: Door) -> None:
        admin, email, new = (await door.service()).admin, an_email(), an_email()
        made = await admin.create_user(
            {"email": email, "password": PASSWORD, "email_confirm": True}
        )
        client = await door.client()
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        changed = await admin.update_user_by_id(
            made.user.id,
            {
                "email": new,
                "password": NEW_PASSWORD,
                "email_confirm": True,
                "app_metadata": {"plan": "unlimited"},
                "user_metadata": {"a": 1},
            },
        )
        assert changed.user.email == new
        assert changed.user.app_metadata["plan"] == "unlimited"
        with pytest.raises(AuthApiError):
            await client.refresh_session()
        await client.sign_in_with_password({"email": new, "password": NEW_PASSWORD})

    async def test_refuse_what_is_wrong(self, door: Door) -> None:
        admin, email = (await door.service()).admin, an_email()
        made = await admin.create_user({"email": email})
        with pytest.raises(AuthApiError) as twice:
            await admin.create_user({"email": email.upper()})
        assert (twice.value.status, twice.value.code) == (422, "email_exists")
        with pytest.raises(AuthApiError):
            await admin.create_user({"email": an_email(), "id": made.user.id})
        with pytest.raises(AuthApiError):
            await admin.create_user({"email": an_email(), "role": "service_role"})
        with pytest.raises(AuthWeakPasswordError):
            await admin.create_user({"email": an_email(), "password": "short"})
        with pytest.raises(AuthApiError):
            await admin.update_user_by_id(made.user.id, {"ban_duration": "a while"})
        with pytest.raises(AuthApiError) as nobody:
            await admin.get_user_by_id(str(uuid4()))
        assert (nobody.value.status, nobody.value.code) == (404, "user_not_found")


class TestDeleting:
    async def test_takes_the_account_with_what_was_made_along(self, door: Door) -> None:
        admin = (await door.service()).admin
        made = await admin.create_user({"email": an_email()})
        await admin.delete_user(made.user.id)
        for table, column in (
            ("users", "id"),
            ("subscriptions", "user_id"),
            ("teams", "owner_id"),
            ("profiles", "id"),
            ("tenants", "auth_user_id"),
        ):
            left = await door.fetchval(
                f"select count(*) from {table} where {column} = $1", made.user.id
            )
            assert left == 0, table

    async def test_takes_the_person_and_leaves_leads_and_money(self, door: Door) -> None:
        admin, email = (await door.service()).admin, an_email()
        user_id = (await admin.create_user({"email": email, "password": PASSWORD})).user.id
        await door.execute(
            "update subscriptions set stripe_customer_id = $2 where user_id = $1",
            user_id,
            f"cus_{uuid4().hex}",
        )
        await door.execute(
            "insert into lead_magnets (user_id, title, archetype) values ($1, 'Mine', 'prompt')",
            user_id,
        )
        await admin.delete_user(user_id)
        left = "select count(*) from {} where user_id = $1"
        assert await door.fetchval(left.format("subscriptions"), user_id) == 1
        assert await door.fetchval(left.format("lead_magnets"), user_id) == 0
        row = "select email like 'deleted-%' and deleted_at is not null from users where id = $1"
        assert await door.fetchval(row, user_id) is True
        noted = "select details -> 'kept' ? 'subscriptions' from admin_audit_log"
        assert await door.fetchval(f"{noted} where subject_id = $1", user_id) is True
        with pytest.raises(AuthApiError):
            await (await door.client()).sign_in_with_password(
                {"email": email, "password": PASSWORD}
            )

    async def test_waits_for_what_keeps_the_account(self, door: Door) -> None:
        admin = (await door.service()).admin
        made = await admin.create_user({"email": an_email()})
        await door.execute(
            "update subscriptions set plan = 'pro', stripe_subscription_id = $2 where user_id = $1",
            made.user.id,
            f"sub_{uuid4().hex}",
        )
        with pytest.raises(AuthApiError, match="paid for by Stripe") as refused:
            await admin.delete_user(made.user.id)
        assert refused.value.status == 409
        assert (await admin.get_user_by_id(made.user.id)).user.id == made.user.id

    async def test_may_empty_it_and_keep_the_row(self, door: Door) -> None:
        email, admin = an_email(), (await door.service()).admin
        client = await door.member(email=email)
        session = await client.get_session()
        assert session is not None
        await admin.delete_user(session.user.id, should_soft_delete=True)
        with pytest.raises(AuthApiError):
            await client.refresh_session()
        kept = await door.fetchval(
            "select email from users where id = $1 and deleted_at is not null", session.user.id
        )
        assert kept.endswith("@deleted.invalid")
        await door.wait_is_over()
        again = await (await door.client()).sign_up({"email": email, "password": PASSWORD})
        assert again.user is not None


class TestInviting:
    async def test_mails_a_link_that_lets_choose_a_password(self, door: Door) -> None:
        admin, email = (await door.service()).admin, an_email()
        made = await admin.invite_user_by_email(
            email, {"data": {"name": "Grace"}, "redirect_to": APP}
        )
        assert made.user.invited_at is not None
        client, browser = await door.client(), await door.browser()
        led = await browser.get((await door.letter(email, "invited")).link)
        assert led.headers["location"].startswith(APP)
        await client.initialize_from_url(led.headers["location"])
        await client.update_user({"password": PASSWORD})
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        with pytest.raises(AuthApiError) as refused:
            await admin.invite_user_by_email(email)
        assert refused.value.code == "email_exists"


class TestLinks:
    async def test_are_made_without_a_mail(self, door: Door) -> None:
        admin, email, client = (await door.service()).admin, an_email(), await door.client()
        made = await admin.generate_link(
            {
                "type": "signup",
                "email": email,
                "password": PASSWORD,
                "options": {"redirect_to": APP, "data": {"a": 1}},
            }
        )
        assert await door.letters(email) == []
        assert made.properties.verification_type == "signup"
        led = await (await door.browser()).get(made.properties.action_link)
        assert led.headers["location"].startswith(f"{APP}#access_token=")
        await client.sign_in_with_password({"email": email, "password": PASSWORD})
        for kind in ("magiclink", "recovery"):
            made = await admin.generate_link({"type": kind, "email": email})  # type: ignore[misc,arg-type]
            opened = await client.verify_otp(
                {"token_hash": made.properties.hashed_token, "type": kind}
            )
            assert opened.session is not None
        made = await admin.generate_link({"type": "recovery", "email": email})
        opened = await client.verify_otp(
            {"email": email, "token": made.properties.email_otp, "type": "recovery"}
        )
        assert opened.session is not None
        new = an_email()
        made = await admin.generate_link(
            {"type": "email_change_new", "email": email, "new_email": new}
        )
        await client.verify_otp(
            {"token_hash": made.properties.hashed_token, "type": "email_change"}
        )
        await client.sign_in_with_password({"email": new, "password": PASSWORD})
        with pytest.raises(AuthApiError) as nobody:
            await admin.generate_link({"type": "recovery", "email": an_email()})
        assert nobody.value.code == "user_not_found"


async def test_nobody_else_administers(door: Door) -> None:
    client = await door.member()
    session = await client.get_session()
    assert session is not None
    somebody = session.user.id
    factor = f"/admin/users/{somebody}/factors"
    tried = [
        ("GET", "/admin/users"),
        ("POST", "/admin/users"),
        ("GET", f"/admin/users/{somebody}"),
        ("PUT", f"/admin/users/{somebody}"),
        ("DELETE", f"/admin/users/{somebody}"),
        ("GET", factor),
        ("DELETE", f"{factor}/{uuid4()}"),
        ("POST", "/admin/generate_link"),
        ("POST", "/invite"),
    ]
    browser = await door.browser()
    for token in (session.access_token, door.key("anon"), door.key("svc_magnetlab")):
        for method, path in tried:
            answer = await browser.request(
                method, f"{URL}{path}", headers={"authorization": f"Bearer {token}"}
            )
            assert (answer.status_code, answer.json()["error_code"]) == (403, "not_admin")
    for method, path in tried:
        assert (await browser.request(method, f"{URL}{path}")).status_code == 401


class TestTheAudit:
    async def test_is_read_with_the_service_key_in_pages(self, door: Door) -> None:
        admin, email = await door.member_id(), an_email()
        subject = (await (await door.service()).admin.create_user({"email": email})).user.id
        for number in range(3):
            await door.execute(
                "insert into admin_audit_log (actor_id, subject_id, action, details)"
                " values ($1, $2, $3, $4)",
                admin,
                subject,
                "plan.changed" if number else "sessions.ended",
                {"count": number},
            )
        browser, key = await door.browser(), door.key()
        headers = {"apikey": key, "authorization": f"Bearer {key}"}
        author = await door.fetchval("select email from users where id = $1", admin)
        first = await browser.get(
            f"{URL}/admin/audit",
            params={"query": f"author:{author}", "per_page": 2},
            headers=headers,
        )
        assert first.headers["x-total-count"] == "3"
        assert [row["payload"]["action"] for row in first.json()] == ["plan.changed"] * 2
        assert first.json()[0]["payload"]["traits"] == {"count": 2, "user_id": subject}
        assert first.json()[0]["payload"]["actor_username"] == author
        for wrong in ({"query": "password:x"}, {"per_page": 0}):
            refused = await browser.get(f"{URL}/admin/audit", params=wrong, headers=headers)
            assert refused.status_code == 400
        anon = {"apikey": door.key("anon"), "authorization": f"Bearer {door.key('anon')}"}
        assert (await browser.get(f"{URL}/admin/audit", headers=anon)).status_code in (401, 403)
