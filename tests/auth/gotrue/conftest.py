"""The clients of /auth/v1: the real one of PyPI, plain HTTP, and the mail that comes of it."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from supabase_auth import AsyncGoTrueClient
from supabase_auth.types import AuthFlowType

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.mail import DirectoryMailer
from lodestone.platform.runtime import AccountOptions, Runtime, set_current
from tests.conftest import BASE_URL

PASSWORD = "three plain words"
NEW_PASSWORD = "four other plain words"
APP = "https://app.example.com/welcome"
URL = f"{BASE_URL}/auth/v1"


@dataclass(frozen=True)
class Letter:
    """A mail about an account."""

    subject: str
    text: str

    @property
    def link(self) -> str:
        """Return the address that it leads to."""
        found = re.search(r"https?://\S+", self.text)
        assert found is not None
        return found[0]

    @property
    def token(self) -> str:
        """Return the token in its link."""
        return parse_qs(urlsplit(self.link).query)["token"][0]

    @property
    def code(self) -> str:
        """Return its six digits."""
        found = re.search(r"code: (\d{6})", self.text)
        assert found is not None
        return found[1]


class Door:
    """Everybody who talks to /auth/v1 in a test, each from an address of their own."""

    def __init__(self, app: FastAPI, runtime: Runtime, database_url: str) -> None:
        self.app = app
        self.runtime = runtime
        self.database_url = database_url
        self.stack = AsyncExitStack()

    async def browser(self, address: str | None = None) -> httpx.AsyncClient:
        """Return a client of plain HTTP."""
        found = address or ".".join(str(byte) for byte in (10, *uuid4().bytes[:3]))
        transport = httpx.ASGITransport(app=self.app, client=(found, 5000))
        client = httpx.AsyncClient(transport=transport, base_url=BASE_URL)
        return await self.stack.enter_async_context(client)

    async def client(
        self, *, flow: AuthFlowType = "implicit", address: str | None = None
    ) -> AsyncGoTrueClient:
        """Return supabase_auth's client, with the key that everybody has."""
        return await self._client("anon", flow, address)

    async def service(self) -> AsyncGoTrueClient:
        """Return supabase_auth's client, with the service key."""
        return await self._client("service_role", "implicit", None)

    async def _client(
        self, role: str, flow: AuthFlowType, address: str | None
    ) -> AsyncGoTrueClient:
        key = self.key(role)
        return AsyncGoTrueClient(
            url=URL,
            headers={"apikey": key, "Authorization": f"Bearer {key}"},
            http_client=await self.browser(address),
            auto_refresh_token=False,
            flow_type=flow,
        )

    def key(self, role: str = "service_role") -> str:
        """Return an API key."""
        return self.runtime.tokens.sign({"role": role}, 3600)

    async def letters(self, email: str) -> list[Letter]:
        """Return the mails to an address, after everything that waits was sent."""
        await work_off(self.database_url)
        mailer = self.runtime.mailer
        assert isinstance(mailer, DirectoryMailer)
        found = [mail for mail in await mailer.list_mails(limit=10_000) if mail.to == email]
        return [Letter(mail.subject, (await mailer.read_mail(mail.name)).text) for mail in found]

    async def letter(self, email: str, subject: str = "") -> Letter:
        """Return the one mail to an address with the words in its subject."""
        found = [mail for mail in await self.letters(email) if subject in mail.subject]
        assert len(found) == 1, [mail.subject for mail in found]
        return found[0]

    async def wait_is_over(self) -> None:
        """Let the pauses between mails have passed."""
        async with self.runtime.database.acting_as(Root()) as tx:
            await tx.execute("delete from platform.rate_limits")

    async def fetchval(self, statement: str, *values: Any) -> Any:
        """Return what the database says."""
        async with self.runtime.database.acting_as(Root()) as tx:
            return await tx.fetchval(statement, *values)

    async def execute(self, statement: str, *values: Any) -> None:
        """Change something behind everybody's back."""
        async with self.runtime.database.acting_as(Root()) as tx:
            await tx.execute(statement, *values)

    def choose(self, **options: Any) -> None:
        """Run the installation with other settings until the test ends."""
        self.runtime = replace(self.runtime, accounts=replace(self.runtime.accounts, **options))
        set_current(self.runtime)

    async def member(self, *, email: str | None = None) -> AsyncGoTrueClient:
        """Return the client of somebody who signed up, confirmed and is signed in."""
        address = email or an_email()
        client = await self.client()
        await client.sign_up({"email": address, "password": PASSWORD})
        letter = await self.letter(address, "Confirm")
        await client.verify_otp({"token_hash": letter.token, "type": "signup"})
        return client

    async def member_id(self) -> UUID:
        """Return the id of somebody who has an account."""
        email = an_email()
        await self.member(email=email)
        found: UUID = await self.fetchval("select id from users where email = $1", email)
        return found


def an_email() -> str:
    """Return an address that nobody has."""
    return f"p{uuid4().hex[:14]}@example.com"


@pytest.fixture
async def door(
    app: FastAPI, runtime: Runtime, database: Database, database_url: str
) -> AsyncIterator[Door]:
    """The door, with one app outside that links may lead to."""
    options = AccountOptions(redirects=("https://app.example.com/**",))
    mine = replace(runtime, accounts=options)
    set_current(mine)
    opened = Door(app, mine, database_url)
    async with opened.stack:
        yield opened
    set_current(runtime)
