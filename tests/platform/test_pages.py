"""What every page stands on: lists, navigation, toasts, templates and icons."""

import base64
import json
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from starlette.requests import Request
from starlette.responses import Response

from lodestone.platform.pages import (
    Column,
    Entry,
    Filter,
    Listing,
    add_entry,
    csv_response,
    environment,
    flash,
    navigation,
    redirect,
    render,
    rendering,
    sections,
)
from lodestone.platform.pages.icons import icon, icon_names

COLUMNS = (Column("title", "Title", sortable=True), Column("created_at", "Made", sortable=True))
FILTERS = (Filter("status", "Status", [("draft", "Draft"), ("sent", "Sent")]),)


def _request(target: str = "/list", cookie: str = "") -> Request:
    parts = urlsplit(target)
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [(b"cookie", cookie.encode())],
            "scheme": "http",
            "server": ("localhost", 80),
        }
    )


def _listing(query: str = "") -> Listing:
    return Listing.read(
        _request(f"/list?{query}"), columns=COLUMNS, filters=FILTERS, sort="-created_at"
    )


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


class TestListings:
    def test_read_what_was_asked(self) -> None:
        listing = _listing("q= ada &status=draft&sort=title&page=3")
        assert listing.q == "ada"
        assert listing.value("status") == "draft"
        assert (listing.sort_key, listing.descending) == ("title", False)
        assert (listing.limit, listing.offset) == (25, 50)

    @pytest.mark.parametrize(
        "query",
        ["sort=password_hash", "sort=title;drop", "status=gone", "page=0", "page=-2", "page=x"],
    )
    def test_never_pass_on_what_was_not_offered(self, query: str) -> None:
        listing = _listing(query)
        assert (listing.sort_key, listing.descending) == ("created_at", True)
        assert listing.value("status") is None
        assert listing.page == 1

    def test_change_one_thing_and_keep_the_rest(self) -> None:
        listing = _listing("q=ada&status=draft&sort=title&page=3")
        assert _query(listing.url(status=None)) == {"q": ["ada"], "sort": ["title"]}
        assert _query(listing.url(page=4))["page"] == ["4"]
        assert _query(listing.url())["page"] == ["3"]
        assert _listing().url() == "/list"

    def test_turn_the_order_of_the_sorted_column_round(self) -> None:
        assert _query(_listing().sort_url("created_at")) == {"sort": ["created_at"]}
        assert _query(_listing("sort=title").sort_url("title")) == {"sort": ["-title"]}
        assert _listing("sort=created_at").sort_url("created_at") == "/list"

    def test_count_pages(self) -> None:
        assert [_listing().pages(total) for total in (0, 25, 26)] == [1, 1, 2]


class TestCsv:
    def test_defuses_formulas_and_quotes(self) -> None:
        answer = csv_response("leads.csv", ["Name"], [["=1+1"], ['say "hi", twice'], [3]])
        assert bytes(answer.body).decode().splitlines() == [
            "Name",
            "'=1+1",
            '"say ""hi"", twice"',
            "3",
        ]
        assert answer.headers["content-disposition"] == 'attachment; filename="leads.csv"'


class TestNavigation:
    def test_shows_registered_entries_in_their_section(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(navigation, "_entries", {})
        add_entry(Entry("Account", "/app/account", "user", "Settings"))
        add_entry(Entry("Deals", "/app/deals", "briefcase", "Sell"))
        add_entry(Entry("Leads", "/app/leads", "users", "Capture", order=20))
        add_entry(Entry("Funnels", "/app/funnels", "funnel", "Capture", order=10))
        add_entry(Entry("Jobs", "/app/jobs", "jobs", "Operate", for_admins=True))
        add_entry(Entry("New deal", "/app/deals/new", "plus", is_action=True))
        shown = {part.label: [entry.label for entry in part.entries] for part in sections()}
        assert shown == {
            "Capture": ["Funnels", "Leads"],
            "Sell": ["Deals"],
            "Settings": ["Account"],
        }
        assert [part.label for part in sections(is_admin=True)][2] == "Operate"
        assert [entry.label for entry in navigation.actions()] == ["New deal"]

    def test_marks_the_entry_that_a_page_belongs_to(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(navigation, "_entries", {})
        for path in ("/app", "/app/jobs", "/app/jobs/dead"):
            add_entry(Entry(path, path, "jobs"))
        pages = ("/app", "/app/jobs/dead", "/app/jobs/7", "/app/workspaces", "/x")
        found = [navigation.active_path(path) for path in pages]
        assert found == ["/app", "/app/jobs/dead", "/app/jobs", "", ""]


class TestToasts:
    def _cookie(self, answer: Response) -> str:
        jar = SimpleCookie(answer.headers["set-cookie"])
        return f"{flash.COOKIE}={jar[flash.COOKIE].value}"

    def test_are_shown_by_the_next_page_and_then_cleared(self) -> None:
        answer = redirect("/app", toast="Saved <b>it</b>", undo="/app/undo")
        assert answer.status_code == 303
        shown = render(_request(cookie=self._cookie(answer)), "error.html", ERROR)
        assert "Max-Age=0" in shown.headers["set-cookie"]
        toast = flash.take(_request(cookie=self._cookie(answer)))
        assert toast == flash.Toast("Saved <b>it</b>", "success", "/app/undo")

    @pytest.mark.parametrize(
        "value",
        [
            "nonsense",
            "eyJ",
            base64.urlsafe_b64encode(b"[1]").decode(),
            base64.urlsafe_b64encode(
                json.dumps({"message": "x", "tone": "x", "undo_path": None}).encode()
            ).decode(),
            base64.urlsafe_b64encode(
                json.dumps({"message": "x", "tone": "info", "undo_path": "//evil.example"}).encode()
            ).decode(),
        ],
    )
    def test_that_we_did_not_write_are_not_shown(self, value: str) -> None:
        assert flash.take(_request(cookie=f"{flash.COOKIE}={value}")) is None


ERROR: dict[str, Any] = {
    "title": "T",
    "message": "<script>",
    "hint": None,
    "status": 404,
    "fields": {},
    "upgrade": None,
}


class TestTemplates:
    def test_escape_what_they_are_given(self) -> None:
        page = bytes(render(_request(), "error.html", ERROR).body).decode()
        assert "&lt;script&gt;" in page

    def test_refuse_names_that_were_not_passed(self) -> None:
        with pytest.raises(UndefinedError):
            render(_request(), "error.html", {"title": "T"})

    @pytest.mark.parametrize(
        "name", ["../pyproject.toml", "auth/../layout.html", "nothing.html", "/etc/passwd"]
    )
    def test_come_from_the_template_folders_alone(self, name: str) -> None:
        with pytest.raises(TemplateNotFound):
            environment().get_template(name)

    def test_have_icons_by_name(self) -> None:
        assert all("<path" in icon(name) for name in icon_names())
        assert 'aria-label="Close &lt;it&gt;"' in icon("close", label="Close <it>")
        with pytest.raises(KeyError):
            icon("no such icon")


class TestFormats:
    def test_numbers(self) -> None:
        values = (None, 0, 9_999, 12_345, 2_500_000)
        assert [rendering.format_compact(value) for value in values] == [
            "–",
            "0",
            "9,999",
            "12.3k",
            "2.5M",
        ]
        assert rendering.format_number(1234567) == "1,234,567"
        assert [rendering.format_percent(value) for value in (None, 0.25, 0.1234)] == [
            "–",
            "25%",
            "12.3%",
        ]

    def test_days(self) -> None:
        assert rendering.format_day(datetime(2026, 2, 3, tzinfo=UTC)) == "3 Feb 2026"

    @pytest.mark.parametrize(
        ("name", "letters"),
        [("Ada Lovelace", "AL"), ("ada@example.com", "AD"), ("Å", "Å"), ("", "?"), ("--", "?")],
    )
    def test_initials(self, name: str, letters: str) -> None:
        assert rendering.initials(name) == letters
