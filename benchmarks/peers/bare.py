"""The ceiling of the data API: bare Starlette and asyncpg that say the same to PostgreSQL.

`/0`, `/1`, … answer the requests of PEER_STATEMENTS, which `benchmarks.replay` has written down.
Nothing is parsed, checked, looked up or logged.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.replay import CONNECTIONS, QuietConnection, Statements, say

_statements: list[Statements] = list(
    json.loads(Path(os.environ["PEER_STATEMENTS"]).read_text()).values()
)


@asynccontextmanager
async def _connected(app: Starlette) -> AsyncIterator[None]:
    url = os.environ["PEER_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql", 1)
    async with asyncpg.create_pool(
        url,
        min_size=1,
        max_size=CONNECTIONS,
        connection_class=QuietConnection,
        statement_cache_size=1024,
    ) as pool:
        app.state.pool = pool
        yield


async def answer(request: Request) -> Response:
    await request.body()
    statements = _statements[request.path_params["number"]]
    async with request.app.state.pool.acquire() as connection:
        body = await say(connection, statements)
    return Response(body, media_type="application/json")


app = Starlette(
    routes=[Route("/{number:int}", answer, methods=["GET", "POST"])], lifespan=_connected
)
