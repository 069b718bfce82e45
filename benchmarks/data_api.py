"""The data API beside its ceilings and its peers: requests per second, p99 and memory."""

import asyncio
import json
import statistics
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import jwt

from benchmarks import load, processes, replay
from benchmarks.business import Business
from benchmarks.peers import desk, foreign
from benchmarks.peers.desk import Desk, Question
from benchmarks.processes import Memory, Served
from lodestone.settings import load as load_settings

CONNECTIONS = 32
BULK_CONNECTIONS = 4
OURS = "data API"
BARE = "bare Starlette + asyncpg"
RAW = "asyncpg alone"
POSTGRAPHILE = "PostGraphile"
DIRECTUS = "Directus"

_DATA = Path(__file__).parent / "peers" / "desk.sql"
_TIDY = "delete from public.desk_tasks where title = 'A task'"


@dataclass(frozen=True)
class DataApi:
    """Medians over the runs by question and side; a side that can't answer one has no figure."""

    rates: dict[str, dict[str, float]]
    p99: dict[str, dict[str, float]]
    memory: dict[str, Memory]


@dataclass(frozen=True)
class Side:
    """A server and what to ask it."""

    served: Served
    questions: Mapping[str, Question]


def measure(
    business: Business, *, runs: int, seconds: float, has_npm_peers: bool = True
) -> DataApi:
    """Load each side in turns, so many times, with one question after the other."""
    found = _fill(business)
    claims = {"sub": str(found.user_id), "role": "authenticated", "aud": "authenticated"}
    questions = {
        name: _signed(business, question, claims)
        for name, question in desk.of_the_data_api(found).items()
    }
    statements = asyncio.run(replay.recorded(business, questions))
    taken: dict[tuple[str, str], list[load.Result]] = defaultdict(list)
    with ExitStack() as stack:
        sides = _sides(stack, business, questions, statements)
        if has_npm_peers:
            sides |= _npm_peers(stack, business, found, json.dumps(claims))
        for name in desk.NAMES:
            for side in sides.values():
                if name in side.questions:
                    _check(side, name)
            for run in range(runs):
                for title, side in sides.items():
                    # One is enough of what takes the peers from npm ten seconds and more.
                    is_slow = name == desk.NAMES[4] and title in (POSTGRAPHILE, DIRECTUS)
                    if name in side.questions and not (is_slow and run):
                        taken[name, title].append(_load(side, name, seconds))
                        _tidy(business, name)
                result = replay.measure(business.url, statements[name], seconds=seconds)
                taken[name, RAW].append(result)
                _tidy(business, name)
        memory = {title: processes.memory(side.served.pid) for title, side in sides.items()}
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    p99: dict[str, dict[str, float]] = defaultdict(dict)
    for (name, title), results in taken.items():
        rates[name][title] = statistics.median(one.requests_per_second for one in results)
        p99[name][title] = statistics.median(one.p99 for one in results)
    return DataApi(rates, p99, memory)


def _fill(business: Business) -> Desk:
    script = _DATA.read_text().replace("{user}", str(business.user_id))
    processes.execute(business.url, script)
    row = processes.fetch_row(
        business.url,
        "select user_id, project_id, id as task_id from public.desk_tasks"
        " where user_id = $1 order by created_at limit 1",
        business.user_id,
    )
    return Desk(**row)


def _signed(business: Business, question: Question, claims: Mapping[str, str]) -> Question:
    secret = load_settings(data_dir=business.data_dir).jwt_secret.get_secret_value()
    now = int(time.time())
    token = jwt.encode({**claims, "iat": now, "exp": now + 86_400}, secret, algorithm="HS256")
    headers = {"apikey": token, "authorization": f"Bearer {token}", **question.headers}
    return Question(question.path, question.body, headers)


def _sides(
    stack: ExitStack,
    business: Business,
    questions: Mapping[str, Question],
    statements: Mapping[str, replay.Statements],
) -> dict[str, Side]:
    path = replay.write_down(statements, business.data_dir)
    bare_questions = {
        name: Question(f"/{number}", questions[name].body) for number, name in enumerate(statements)
    }
    product = stack.enter_context(processes.web(business))
    peer = processes.peer("bare", business, probe="/healthz", PEER_STATEMENTS=str(path))
    bare = stack.enter_context(peer)
    return {OURS: Side(product, questions), BARE: Side(bare, bare_questions)}


def _npm_peers(stack: ExitStack, business: Business, found: Desk, claims: str) -> dict[str, Side]:
    sides: dict[str, Side] = {}
    graph = stack.enter_context(foreign.postgraphile(business, claims))
    if graph is not None:
        sides[POSTGRAPHILE] = Side(graph, desk.of_postgraphile(found))
    collections = stack.enter_context(foreign.directus(business))
    if collections is not None:
        sides[DIRECTUS] = Side(collections, desk.of_directus(found, foreign.DIRECTUS_TOKEN))
    return sides


def _check(side: Side, name: str) -> None:
    """Hear one answer before measuring. Raises RuntimeError when it is not what was asked for."""
    question = side.questions[name]
    request = urllib.request.Request(
        f"http://127.0.0.1:{side.served.port}{question.path}",
        data=question.body.encode() or None,
        headers=dict(question.headers),
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = json.load(answer)
    expected = {desk.NAMES[0]: desk.LISTED, desk.NAMES[1]: desk.LISTED, desk.NAMES[4]: desk.BULK}
    if "errors" in body or len(_unwrapped(body)) != expected.get(name, len(_unwrapped(body))):
        raise RuntimeError(f"{name}: {str(body)[:300]}")


def _unwrapped(body: object) -> list[object] | dict[str, object]:
    """Return what is inside the wrapping that GraphQL and Directus put around their answers."""
    while isinstance(body, dict) and len(body) == 1:
        (body,) = body.values()
    return body if isinstance(body, list | dict) else [body]


def _load(side: Side, name: str, seconds: float) -> load.Result:
    question = side.questions[name]
    return load.run(
        load.Order(
            port=side.served.port,
            kind="api",
            path=question.path,
            connections=BULK_CONNECTIONS if name == desk.NAMES[4] else CONNECTIONS,
            seconds=seconds,
            body=question.body,
            headers=question.headers,
        )
    )


def _tidy(business: Business, name: str) -> None:
    """Take away what a run wrote, so that the next finds the same."""
    if name in desk.WRITES:
        processes.execute(business.url, _TIDY)
        processes.execute(business.url, "vacuum public.desk_tasks")
