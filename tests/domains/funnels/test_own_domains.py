"""A workspace's pages on a domain of its own: first shown to be theirs, then served, no others."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.funnels.domains import rules
from lodestone.domains.funnels.domains.hosts import KnownHosts
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.runtime import Runtime, set_current
from lodestone.platform.vendors import Vendors, VercelProject
from tests.dns_server import NameServer, name_server
from tests.domains.accounts import Account, open_browser, publish, sign_up
from tests.vendor_server import serving

TARGET = "pages.lodestone.example"


@dataclass(slots=True)
class Owner:
    """A creator with a published page, and the world's names."""

    account: Account
    page: str
    names: NameServer
    app: FastAPI

    @property
    def slug(self) -> str:
        return self.page.rsplit("/", 1)[1]

    async def add(self, domain: str) -> httpx.Response:
        return await self.account.browser.post("/app/domain", data={"domain": domain})

    async def set_records(self, domain: str) -> None:
        """Set what the screen says."""
        shown = (await self.account.browser.get("/app/domain")).text
        token = re.search(r"<code[^>]*>([\w-]{20,})</code>", shown)
        assert token is not None
        self.names.records[(f"_lodestone.{domain}", "TXT")] = [f'"{token[1]}"']
        self.names.records[(domain, "CNAME")] = [f"{TARGET}."]

    async def activate(self) -> str:
        domain = f"go{uuid4().hex[:10]}.example.com"
        assert (await self.add(domain)).status_code == 303
        await self.set_records(domain)
        await self.account.browser.post("/app/domain/check")
        return domain

    async def visit(self, host: str, path: str, **given: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=("2001:db8::9", 40000))
        base = f"http://{host}"
        async with httpx.AsyncClient(transport=transport, base_url=base) as visitor:
            if given:
                return await visitor.post(path, data=given, headers={"origin": base})
            return await visitor.get(path)


@pytest.fixture
async def names(runtime: Runtime) -> AsyncIterator[NameServer]:
    async with name_server() as server:
        vendors = Vendors(domain_target=TARGET, dns_servers=(server.address,))
        set_current(replace(runtime, vendors=vendors))
        try:
            yield server
        finally:
            set_current(runtime)


@pytest.fixture(scope="module")
async def creator(database: Database, app: FastAPI) -> AsyncIterator[tuple[Account, str]]:
    async with open_browser(app) as browser:
        account = await sign_up(database, browser, name="Ada Lumen")
        yield account, (await publish(account))[1]


@pytest.fixture
async def owner(
    creator: tuple[Account, str], app: FastAPI, names: NameServer
) -> AsyncIterator[Owner]:
    yield Owner(*creator, names, app)
    await creator[0].browser.post("/app/domain/remove")


class TestSpelling:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Go.Example.com", "go.example.com"),
            ("https://go.example.com/guide?a=1", "go.example.com"),
            ("go.example.com.", "go.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
        ],
    )
    def test_has_one_way_to_write_a_domain(self, given: str, kept: str) -> None:
        assert rules.clean_domain(given) == kept

    @pytest.mark.parametrize(
        "given", ["", "localhost", "10.0.0.1", "-a.com", "a..com", "a b.com", f"{'a' * 64}.com"]
    )
    def test_refuses_what_is_none(self, given: str) -> None:
        with pytest.raises(ValueError, match=r"domain"):
            rules.clean_domain(given)

    @given(st.text(max_size=300))
    def test_whatever_is_kept_is_kept_the_same_again(self, text: str) -> None:
        try:
            kept = rules.clean_domain(text)
        except ValueError:
            return
        assert rules.clean_domain(kept) == kept
        assert re.fullmatch(r"[a-z0-9.-]{3,253}", kept)


class TestSettingUp:
    async def test_waits_for_both_records_then_serves(self, owner: Owner) -> None:
        domain = f"go{uuid4().hex[:10]}.example.com"
        await owner.add(domain)
        browser = owner.account.browser
        await browser.post("/app/domain/check")
        assert "The TXT record at" in (await browser.get("/app/domain")).text
        await owner.set_records(domain)
        owner.names.records[(domain, "CNAME")] = ["elsewhere.example.net."]
        await browser.post("/app/domain/check")
        shown = (await browser.get("/app/domain")).text
        assert "elsewhere.example.net" in shown
        assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 404
        await owner.set_records(domain)
        await browser.post("/app/domain/check")
        assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 200

    async def test_takes_a_domain_without_names_below_it_by_its_address(self, owner: Owner) -> None:
        domain = f"d{uuid4().hex[:10]}.example"
        await owner.add(domain)
        await owner.set_records(domain)
        del owner.names.records[(domain, "CNAME")]
        owner.names.records[(domain, "A")] = ["192.0.2.7"]
        owner.names.records[(TARGET, "A")] = ["192.0.2.7", "192.0.2.8"]
        await owner.account.browser.post("/app/domain/check")
        assert "Active" in (await owner.account.browser.get("/app/domain")).text

    async def test_refuses_a_domain_of_others_and_a_second_one(
        self, owner: Owner, database: Database
    ) -> None:
        domain = await owner.activate()
        assert (await owner.add("other.example.com")).status_code == 409
        async with open_browser(owner.app) as browser:
            other = await sign_up(database, browser, name="Other")
            taken = await other.browser.post("/app/domain", data={"domain": domain})
            assert taken.status_code == 409
            assert domain not in (await other.browser.get("/app/domain")).text
        wrong = await owner.add("not a domain")
        assert wrong.status_code == 422

    async def test_frees_a_name_that_nobody_has_shown_to_be_theirs(
        self, owner: Owner, database: Database
    ) -> None:
        domain = f"go{uuid4().hex[:10]}.example.com"
        async with open_browser(owner.app) as browser:
            squatter = await sign_up(database, browser, name="Squatter")
            await squatter.browser.post("/app/domain", data={"domain": domain})
            assert (await owner.add(domain)).status_code == 409
            async with database.acting_as(Root()) as tx:
                await tx.execute(
                    "update team_domains set created_at = now() - interval '4 days'"
                    " where domain = $1",
                    domain,
                )
            assert (await owner.add(domain)).status_code == 303
            assert domain not in (await squatter.browser.get("/app/domain")).text

    async def test_needs_a_plan_that_has_it(self, owner: Owner, database: Database) -> None:
        query = "update app_settings set value = $1 where key = 'beta'"
        async with database.acting_as(Root()) as tx:
            await tx.execute(query, "off")
        try:
            answer = await owner.add("paid.example.com")
        finally:
            async with database.acting_as(Root()) as tx:
                await tx.execute(query, "on")
        assert answer.status_code == 403

    async def test_makes_certificates_for_shown_domains_alone(self, owner: Owner) -> None:
        domain = await owner.activate()
        ask = "/hooks/certificates?domain="
        assert (await owner.visit("localhost", f"{ask}{domain}")).status_code == 200
        assert (await owner.visit("localhost", f"{ask}other.example.com")).status_code == 404

    async def test_waits_for_vercel_and_removes_there_before_here(
        self, owner: Owner, runtime: Runtime
    ) -> None:
        async with serving() as vercel:
            project = VercelProject("tok", "prj", "team", vercel.url)
            vendors = Vendors(
                domain_target=TARGET, dns_servers=(owner.names.address,), vercel=project
            )
            set_current(replace(runtime, vendors=vendors))
            domain = f"go{uuid4().hex[:10]}.example.com"
            waiting = {
                "name": domain,
                "verified": False,
                "verification": [
                    {"type": "TXT", "domain": "_vercel.example.com", "value": "vc-1", "reason": "x"}
                ],
            }
            path = "/v10/projects/prj/domains"
            vercel.on("POST", path, (200, waiting))
            vercel.on("GET", f"{path}/.*", (200, waiting))
            await owner.add(domain)
            browser = owner.account.browser
            assert "_vercel.example.com" in (await browser.get("/app/domain")).text
            await owner.set_records(domain)
            await browser.post("/app/domain/check")
            assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 404
            vercel.on("GET", f"{path}/.*", (200, {**waiting, "verified": True}))
            await browser.post("/app/domain/check")
            assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 200
            vercel.on("DELETE", f"{path}/.*", (500, {}))
            await browser.post("/app/domain/remove")
            assert domain in (await browser.get("/app/domain")).text
            vercel.on("DELETE", f"{path}/.*", (200, {}))
            await browser.post("/app/domain/remove")
            assert domain not in (await browser.get("/app/domain")).text
            assert vercel.asked[0].query == {"teamId": "team"}


class TestServing:
    async def test_links_stay_on_the_domain_and_leads_are_captured(self, owner: Owner) -> None:
        domain = await owner.activate()
        shown = await owner.visit(domain, f"/{owner.slug}")
        assert shown.status_code == 200
        assert f'href="https://{domain}/{owner.slug}"' in shown.text
        assert "/p/" not in shown.text
        answer = await owner.visit(domain, f"/{owner.slug}", email="bo@example.org")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"/{owner.slug}/thankyou?lead=")
        thanked = await owner.visit(domain, answer.headers["location"])
        assert thanked.status_code == 200
        token = answer.headers["location"].partition("?")[2]
        survey = await owner.visit(domain, f"/{owner.slug}/survey?{token}")
        assert survey.headers["location"].startswith("thankyou?")
        assert f"/{owner.slug}/content?lead=" in thanked.text

    async def test_neither_other_pages_nor_those_of_others_are_on_it(
        self, owner: Owner, database: Database
    ) -> None:
        domain = await owner.activate()
        for path in ("/", "/app", owner.page, "/nothing", "/sign-in"):
            assert (await owner.visit(domain, path)).status_code == 404
        async with open_browser(owner.app) as browser:
            other = await sign_up(database, browser, name="Other")
            foreign = (await publish(other, title=f"Foreign {uuid4().hex[:6]}"))[1]
        assert (await owner.visit(domain, f"/{foreign.rsplit('/', 1)[1]}")).status_code == 404

    async def test_unknown_hosts_have_nothing_and_inner_addresses_are_not_open(
        self, owner: Owner
    ) -> None:
        domain = await owner.activate()
        assert (await owner.visit("unknown.example.com", owner.page)).status_code == 404
        assert (await owner.visit("localhost", f"/p/@{domain}/{owner.slug}")).status_code == 404
        assert (await owner.visit("localhost", owner.page)).status_code == 200

    async def test_bears_the_name_of_its_workspace_with_or_without_a_domain(
        self, owner: Owner, database: Database
    ) -> None:
        async with database.acting_as(Root()) as tx:
            team_id = await tx.fetchval(
                "select id from teams where owner_id = $1 and is_personal", owner.account.id
            )
        path = f"/app/teams/{team_id}/white-label"
        look = {"whitelabel_enabled": "true", "custom_site_name": "Lumen Ltd"}
        await owner.account.browser.post(path, data={**look, "hide_branding": "true"})
        shown = (await owner.visit("localhost", owner.page)).text
        assert "| Lumen Ltd</title>" in shown
        assert "Powered by" not in shown
        await owner.account.browser.post(path, data={"custom_site_name": "Lumen Ltd"})
        assert "Powered by" in (await owner.visit("localhost", owner.page)).text

    async def test_is_gone_with_the_domain(self, owner: Owner) -> None:
        domain = await owner.activate()
        assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 200
        await owner.account.browser.post("/app/domain/remove")
        assert (await owner.visit(domain, f"/{owner.slug}")).status_code == 404


async def test_what_is_known_of_hosts_is_kept_a_minute_and_until_a_change() -> None:
    asked: list[str] = []
    state = {"changes": 0, "now": 0.0, "is_listening": True}

    async def find(host: str) -> bool:
        asked.append(host)
        return host == "known"

    hosts = KnownHosts(
        changes=lambda: int(state["changes"]),
        is_listening=lambda: bool(state["is_listening"]),
        find=find,
        limit=2,
        clock=lambda: float(state["now"]),
    )
    assert [await hosts.is_known(host) for host in ("known", "known", "no", "no")] == [
        True,
        True,
        False,
        False,
    ]
    assert asked == ["known", "no"]
    state["changes"] = 1
    await hosts.is_known("known")
    state["now"] = 61.0
    await hosts.is_known("known")
    assert asked == ["known", "no", "known", "known"]
    state["is_listening"] = False
    state["changes"] = 2
    await hosts.is_known("no")
    await hosts.is_known("no")
    assert asked[-2:] == ["no", "no"]
