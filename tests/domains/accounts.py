"""Accounts that can sign in, with a workspace, as the product makes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI

from lodestone.auth import service as auth
from lodestone.platform.actors import Root, User
from lodestone.platform.database import Database

PASSWORD = "a lodestone points north"
GUIDE = """A short weekly routine that keeps a pipeline honest.

## Why ten minutes

Long reviews get **skipped**.

- Open the list
- Sort by the last touch

## The three questions

1. Who went quiet?
2. What is next?
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A signed-in creator: `browser` carries the session cookie."""

    id: UUID
    email: str
    username: str
    browser: httpx.AsyncClient

    @property
    def actor(self) -> User:
        return User(self.id)


@asynccontextmanager
async def open_browser(
    app: FastAPI, *, address: str = "127.0.0.1"
) -> AsyncIterator[httpx.AsyncClient]:
    """Open a browser without cookies at a network address."""
    transport = httpx.ASGITransport(app=app, client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
        yield opened


async def sign_up(database: Database, browser: httpx.AsyncClient, *, name: str) -> Account:
    """Make an account and sign the browser in."""
    handle = f"u{uuid4().hex[:12]}"
    email = f"{handle}@example.com"
    async with database.acting_as(Root()) as tx:
        user_id = await auth.create_user(
            tx, email=email, password=PASSWORD, name=name, username=handle
        )
    answer = await browser.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return Account(user_id, email, handle, browser)


async def write_magnet(creator: Account, *, title: str = "The 10-minute review") -> str:
    """Write a lead magnet through its form; return its path."""
    answer = await creator.browser.post(
        "/app/lead-magnets/new",
        data={"title": title, "body": GUIDE, "pain_point": "Deals go quiet"},
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def draft_funnel(creator: Account, magnet: str) -> str:
    """Draft the funnel of a magnet; return its path."""
    answer = await creator.browser.post(
        "/app/funnels/draft", data={"lead_magnet_id": magnet.rsplit("/", 1)[1]}
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def publish(creator: Account, *, title: str = "The 10-minute review") -> tuple[str, str]:
    """Write, draft and publish; return the funnel's path in the console and its public path."""
    funnel = await draft_funnel(creator, await write_magnet(creator, title=title))
    answer = await creator.browser.post(f"{funnel}/publish")
    assert answer.status_code == 303, answer.text
    page = await creator.browser.get(funnel)
    start = page.text.index(f"/p/{creator.username}/")
    return funnel, page.text[start : page.text.index('"', start)]
