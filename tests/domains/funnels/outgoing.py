"""A published funnel of a creator whose services are all one local server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

from fastapi import FastAPI

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime, set_current
from lodestone.platform.vendors import MailchimpApp, Vendors
from tests.domains.accounts import Account, open_browser
from tests.vendor_server import VendorServer, serving


@dataclass(slots=True)
class LiveFunnel:
    """A published funnel, and the server that stands for every service."""

    creator: Account
    path: str
    page: str
    vendor: VendorServer
    app: FastAPI
    database: Database
    url: str

    async def opt_in(self, email: str = "", **form: str) -> str:
        """Opt in as somebody new, and let the jobs run."""
        email = email or f"v{uuid4().hex[:12]}@example.org"
        address = f"2001:db8::{uuid4().hex[:4]}"
        async with open_browser(self.app, address=address) as visitor:
            answer = await visitor.post(self.page, data={"email": email, **form})
            assert answer.status_code == 303, answer.text
        await work_off(self.url)
        return email

    async def outcome(self, email: str, destination: str) -> tuple[str, int, str | None]:
        """Return status, attempts and error of a delivery."""
        async with self.database.acting_as(Root()) as tx:
            row = await tx.fetchrow(
                "select d.status, d.attempts, d.error from lead_deliveries as d"
                " join funnel_leads as l on l.id = d.funnel_lead_id"
                " where l.email = $1 and d.destination = $2",
                email,
                destination,
            )
        assert row is not None
        return row["status"], row["attempts"], row["error"]

    async def run_again(self) -> None:
        """Let everything that waits be due."""
        async with self.database.acting_as(Root()) as tx:
            await tx.execute(
                "update lead_deliveries set next_attempt_at = now() where status = 'pending'"
            )
            await tx.execute(
                "update platform.jobs set execute_after = now() where status = 'queued'"
            )
        await work_off(self.url)

    async def map_to(self, provider: str, **chosen: str) -> None:
        answer = await self.creator.browser.post(
            f"{self.path}/integrations/{provider}", data=chosen
        )
        assert answer.status_code == 303, answer.text


@asynccontextmanager
async def serving_vendors(runtime: Runtime) -> AsyncIterator[VendorServer]:
    """Run a server that stands for every service, and let the runtime find them there."""
    async with serving() as server:
        vendors = Vendors(
            timeout_seconds=2.0,
            kit_url=f"{server.url}/v4",
            mailerlite_url=f"{server.url}/ml",
            mailchimp_login_url=f"{server.url}/login",
            mailchimp_url=f"{server.url}/{{dc}}/3.0",
            mailchimp=MailchimpApp("client", "secret"),
            gohighlevel_v1_url=f"{server.url}/v1",
            gohighlevel_url=f"{server.url}/v2",
            meta_url=f"{server.url}/meta",
            linkedin_url=f"{server.url}/linkedin",
        )
        set_current(replace(runtime, vendors=vendors))
        try:
            yield server
        finally:
            set_current(runtime)
