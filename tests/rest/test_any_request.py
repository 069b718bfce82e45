"""Bodies, headers, arguments and relations of any kind: rows or a refusal, never a defect of ours.

`test_hostile.py` does the same for filters. Whatever is found here is also read along on its way to
PostgreSQL (`conftest.py`), where no literal of a request may stand.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rest.conftest import Api
from tests.rest.wire import Wire

UNDONE = "tx=rollback"
MARKER = "qxzzxq"

checked = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

TABLES = ["books", "authors", "readers", "loans", "covers", "diaries", "long_books", "nowhere"]
COLUMNS = ["id", "title", "name", "author_id", "pages", "price", "tags", "lent", "details"]
COLUMNS += ["Full Name", "days", "words", "shelf", "added_at", "nothing", 'a"b', ""]
texts = st.text(max_size=12) | st.sampled_from(
    [MARKER, f"'{MARKER}", f'"{MARKER}', f"{MARKER}\\", "[1,5)", "{a}", "2026-01-01", "NaN", "\x00"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(COLUMNS) | texts
objects = st.dictionaries(names, values, max_size=5)
bodies = st.one_of(
    st.lists(objects, max_size=3).map(json.dumps).map(str.encode),
    objects.map(json.dumps).map(str.encode),
    values.map(json.dumps).map(str.encode),
    st.lists(st.lists(texts, min_size=2, max_size=2), max_size=3).map(
        lambda rows: "\n".join(["id,title", *map(",".join, rows)]).encode()
    ),
    st.binary(max_size=40),
)
media_types = st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-8",
        "text/csv",
        "application/x-www-form-urlencoded",
        "application/vnd.pgrst.object+json",
        "application/octet-stream",
        "text/plain",
        "",
    ]
)
preferences = st.lists(
    st.sampled_from(
        [
            "return=representation",
            "return=minimal",
            "return=headers-only",
            "count=exact",
            "count=planned",
            "count=estimated",
            "resolution=merge-duplicates",
            "resolution=ignore-duplicates",
            "missing=default",
            "handling=strict",
            "max-affected=1",
            "max-affected=x",
            "return=nothing",
            "unknown",
            ",=",
        ]
    ),
    max_size=4,
).map(lambda given: ", ".join([*given, UNDONE]))
# No marker in `select`: an alias is a name that the caller gives, quoted and not looked up.
parameters = st.dictionaries(
    st.sampled_from(["select", "columns", "on_conflict", "order", "limit", "offset", "id", "or"]),
    st.sampled_from(
        [
            "id",
            "id,title",
            "*,authors!author_id(name)",
            "eq.1",
            f"eq.{MARKER}",
            f"in.({MARKER},1)",
            f"(title.eq.{MARKER},id.lt.0)",
            "id.desc",
            "1",
            "-1",
            "",
            "nothing",
        ]
    )
    | texts,
    max_size=3,
).filter(lambda query: MARKER not in query.get("select", ""))


def check(response: httpx.Response, wire: Wire) -> None:
    """Hold that it was answered or refused in the one form, and that the marker was bound."""
    assert response.status_code < 500, response.text
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert set(response.json()) == {"code", "message", "details", "hint"}
    assert [sent.text for sent in wire.sent if MARKER in sent.text] == []


def header(text: str) -> str:
    """Return a text that may stand in a header."""
    return text.encode("ascii", "ignore").decode().translate({0: None, 10: None, 13: None}).strip()


@dataclass(frozen=True)
class Written:
    """A request to write."""

    method: str
    table: str
    body: bytes
    media_type: str
    prefer: str
    query: dict[str, str]


written = st.builds(
    Written,
    method=st.sampled_from(["POST", "PATCH", "PUT", "DELETE"]),
    table=st.sampled_from(TABLES),
    body=bodies,
    media_type=media_types,
    prefer=preferences,
    query=parameters,
)


class TestAnyBody:
    @checked
    @given(asked=written)
    async def test_is_written_or_refused(self, service: Api, wire: Wire, asked: Written) -> None:
        response = await service.ask(
            asked.method,
            f"/{asked.table}?{urlencode(asked.query)}",
            content=asked.body,
            prefer=asked.prefer,
            headers={"content-type": asked.media_type},
        )
        check(response, wire)


headers = st.fixed_dictionaries(
    {
        "accept": st.sampled_from(
            [
                "text/csv",
                "application/vnd.pgrst.object+json;nulls=stripped",
                "application/vnd.pgrst.plan+json",
                "application/vnd.pgrst.array",
                "image/png, */*;q=0.1",
                ";;",
            ]
        )
        | texts.map(header),
        "range": st.sampled_from(["0-1", "5-2", "3-", "-3", "items=0-0", "99999999999999999999-"])
        | texts.map(header),
        "prefer": preferences | texts.map(header),
        "accept-profile": st.sampled_from(["public", "platform", "", MARKER]),
    }
)


class TestAnyHeader:
    @checked
    @given(
        method=st.sampled_from(["GET", "HEAD", "OPTIONS", "TRACE", "QUERY"]), more_headers=headers
    )
    async def test_is_followed_or_refused(
        self, service: Api, wire: Wire, method: str, more_headers: dict[str, str]
    ) -> None:
        check(await service.ask(method, "/books?id=lt.3", headers=more_headers), wire)


FUNCTIONS = ["add_them", "describe", "books_of", "one_book", "page_counts", "letters", "buy"]
FUNCTIONS += ["forget", "total_of", "sum_list", "echo", "who_am_i", "nothing"]
ARGUMENTS = ["a", "b", "name", "age", "author", "book", "title", "numbers", "x"]


class TestAnyArgument:
    @checked
    @given(
        function=st.sampled_from(FUNCTIONS),
        arguments=st.dictionaries(st.sampled_from(ARGUMENTS) | texts, values, max_size=3),
        query=parameters,
    )
    async def test_is_taken_or_refused(
        self,
        service: Api,
        wire: Wire,
        *,
        function: str,
        arguments: dict[str, Any],
        query: dict[str, str],
    ) -> None:
        path = f"/rpc/{function}?{urlencode(query)}"
        content = json.dumps(arguments).encode()
        posted = await service.ask("POST", path, prefer=UNDONE, content=content)
        check(posted, wire)
        given_texts = {name: str(value) for name, value in arguments.items()}
        got = await service.ask("GET", f"/rpc/{function}?{urlencode({**query, **given_texts})}")
        check(got, wire)


RELATIONS = ["authors", "authors!author_id", "authors!editor_id", "books", "books!author_id"]
RELATIONS += ["loans", "readers", "covers", "other_books", "long_books", "mentor_id", "diaries"]
items = st.sampled_from(["id", "*", "title", "name", "days.sum()", "count()", "days::text"])
embedded = st.recursive(
    st.lists(items, max_size=2).map(",".join),
    lambda inner: (
        st.builds(
            "{}{}{}({})".format,
            st.sampled_from(["", "...", "a:", "b:"]),
            st.sampled_from(RELATIONS),
            st.sampled_from(["", "!inner", "!left"]),
            inner,
        )
        | st.tuples(inner, items).map(",".join)
    ),
    max_leaves=6,
)
paths = st.sampled_from(["", "authors.", "books.", "loans.", "a.", "a.b.", "books.loans."])
restrictions = st.dictionaries(
    st.builds("{}{}".format, paths, st.sampled_from(["id", "or", "order", "limit", "title"])),
    st.sampled_from(["eq.1", f"eq.{MARKER}", "(id.eq.1,id.is.null)", "id.desc", "2", "is.null"]),
    max_size=3,
)


class TestAnyRelation:
    @checked
    @given(table=st.sampled_from(TABLES), select=embedded, restricted=restrictions)
    async def test_is_embedded_or_refused(
        self, service: Api, wire: Wire, *, table: str, select: str, restricted: dict[str, str]
    ) -> None:
        query = "&".join(
            f"{quote(key)}={quote(value, safe='')}"
            for key, value in {"select": select, **restricted}.items()
        )
        for prefer in (None, "count=exact"):
            check(await service.get(f"/{table}?{query}", prefer=prefer), wire)
