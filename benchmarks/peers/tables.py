"""Makes the tables of the ORM peer and its page: `python -m benchmarks.peers.tables`."""

import asyncio

from sqlalchemy import text
from sqlalchemy.schema import CreateSchema

from benchmarks.peers.orm import Base, engine

_COPY_PAGES = """
insert into peer.pages (id, user_id, lead_magnet_id, slug, headline, is_published)
select id, user_id, lead_magnet_id, slug, optin_headline, true
from public.funnel_pages where is_published
"""


async def main() -> None:
    """Make them."""
    async with engine.begin() as connection:
        await connection.execute(CreateSchema("peer"))
        await connection.run_sync(Base.metadata.create_all)
        await connection.execute(text(_COPY_PAGES))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
