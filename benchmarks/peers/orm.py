"""The opt-in as FastAPI and SQLAlchemy's documentation would have it: models, session, one commit.

It does what the product's does: checks the input, holds a limit of five a minute and address,
finds the published page, keeps one lead per person and page, and enqueues the same jobs in the same
transaction. It has tables of its own in schema `peer`, without row-level security, job log or
notices to workers, so the database has less to do here than for the product.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict, EmailStr, Field
from sqlalchemy import DateTime, ForeignKey, MetaData, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

LIMIT = 5
WINDOW = timedelta(minutes=1)
SUBSCRIBERS = tuple(os.environ["PEER_JOBS"].split(","))


class Base(DeclarativeBase):
    """The peer's tables."""

    metadata = MetaData(schema="peer")


class Page(Base):
    """A published page."""

    __tablename__ = "pages"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(index=True)
    lead_magnet_id: Mapped[UUID | None]
    slug: Mapped[str]
    headline: Mapped[str]
    is_published: Mapped[bool]


class Lead(Base):
    """Somebody who opted in."""

    __tablename__ = "leads"
    __table_args__ = (UniqueConstraint("page_id", "email"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    page_id: Mapped[UUID] = mapped_column(ForeignKey(Page.id))
    user_id: Mapped[UUID] = mapped_column(index=True)
    lead_magnet_id: Mapped[UUID | None]
    email: Mapped[str]
    name: Mapped[str | None]
    utm_source: Mapped[str | None]
    ip_address: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )


class RateLimit(Base):
    """The hits of one address in its current window."""

    __tablename__ = "rate_limits"

    key: Mapped[str] = mapped_column(primary_key=True)
    hits: Mapped[int]
    window_started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Job(Base):
    """Work for later."""

    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(default="queued")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class OptIn(BaseModel):
    """What a visitor gives."""

    model_config = ConfigDict(populate_by_name=True)

    funnel_page_id: UUID = Field(alias="funnelPageId")
    email: EmailStr
    name: str | None = Field(default=None, max_length=100)
    utm_source: str | None = Field(default=None, alias="utmSource", max_length=100)


class Captured(BaseModel):
    """The answer."""

    lead_id: UUID = Field(serialization_alias="leadId")


engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def open_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session, session.begin():
        yield session


Session = Annotated[AsyncSession, Depends(open_session, scope="function")]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=["127.0.0.1"])


@app.post("/api/public/lead", status_code=201)
async def capture_lead(given: OptIn, request: Request, session: Session) -> Captured:
    """Keep a lead and enqueue what follows from it."""
    address = request.client.host if request.client else "unknown"
    await hold_limit(session, f"optin:{address}")
    page = await session.scalar(
        select(Page).where(Page.id == given.funnel_page_id, Page.is_published)
    )
    if page is None:
        raise HTTPException(404, "This page is not published.")
    lead = await upsert_lead(session, page, given, address, request.headers.get("user-agent"))
    session.add_all(
        Job(name=name, args={"lead_id": str(lead.id), "page_id": str(page.id)})
        for name in SUBSCRIBERS
    )
    return Captured(lead_id=lead.id)


async def hold_limit(session: AsyncSession, key: str) -> None:
    now = datetime.now(UTC)
    limit = await session.get(RateLimit, key, with_for_update=True)
    if limit is None:
        session.add(RateLimit(key=key, hits=1, window_started_at=now))
    elif limit.window_started_at < now - WINDOW:
        limit.hits, limit.window_started_at = 1, now
    elif limit.hits >= LIMIT:
        raise HTTPException(429, "Too many attempts.")
    else:
        limit.hits += 1


async def upsert_lead(
    session: AsyncSession, page: Page, given: OptIn, address: str, user_agent: str | None
) -> Lead:
    statement = insert(Lead).values(
        page_id=page.id,
        user_id=page.user_id,
        lead_magnet_id=page.lead_magnet_id,
        email=given.email.lower(),
        name=given.name,
        utm_source=given.utm_source,
        ip_address=address,
        user_agent=user_agent,
    )
    statement = statement.on_conflict_do_update(
        index_elements=[Lead.page_id, Lead.email],
        set_={"name": func.coalesce(Lead.name, statement.excluded.name)},
    )
    found = await session.scalars(
        statement.returning(Lead), execution_options={"populate_existing": True}
    )
    return found.one()
