"""Designs hold for every reader: known fields only, escaped, in HTML and in plain text."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.email.designs import fields, rendering
from lodestone.domains.email.designs.models import BLOCKS, Brand, Look
from lodestone.domains.email.designs.rendering import Letter
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account
from tests.domains.email.series import fetch

DESIGNS = "/app/email/designs"
BLOCKS_OF_ALL_KINDS: list[dict[str, Any]] = [
    {"kind": "logo"},
    {"kind": "heading", "text": "For {{first_name}} <b>"},
    {"kind": "body"},
    {"kind": "button", "label": "Go", "url": "https://x.org/?e={{email}}&n={{first_name}}"},
    {"kind": "image", "url": "https://x.org/a.png", "alt": 'A "cat"'},
    {"kind": "columns", "columns": [{"heading": "One"}, {"text": "Two **bold**"}]},
    {"kind": "list", "items": ["a", "b"], "is_numbered": True},
    {"kind": "divider"},
    {"kind": "spacer"},
    {"kind": "social", "links": [{"name": "LinkedIn", "url": "https://l.org"}]},
]
VALUES: dict[str, str | None] = {
    "first_name": "O'Neil <script>",
    "email": "a+b@c.org",
    "unsubscribe_url": "https://h.org/u?a=1&b=2",
    "preferences_url": "https://h.org/p",
}


def _compile(body: str, blocks: list[dict[str, Any]] | None = None) -> rendering.Compiled:
    return rendering.compile_mail(
        Letter(subject="Hi {{first_name|friend}}", body=body),
        blocks=tuple(BLOCKS.validate_python(blocks or [{"kind": "body"}])),
        look=Look(),
        brand=Brand(name="Ada & Co", postal_address="1 Road\nTown"),
    )


class TestCompiling:
    def test_every_kind_of_block_is_safe_html_and_readable_text(self) -> None:
        filled = _compile(
            "Hi {{first_name}},\n\n[this](https://x.org/?q={{email}}) <script>", BLOCKS_OF_ALL_KINDS
        ).fill(VALUES)
        links = re.findall(r'href="([^"]*)"', filled.html)
        assert "https://x.org/?e=a%2Bb%40c.org&amp;n=O%27Neil%20%3Cscript%3E" in links
        assert "https://x.org/?q=a%2Bb%40c.org" in links
        assert "https://h.org/u?a=1&amp;b=2" in links
        assert "<script" not in filled.html
        assert "{{" not in filled.html + filled.text + filled.subject
        assert "this (https://x.org/?q=a%2Bb%40c.org)" in filled.text
        assert "1. a\n2. b" in filled.text
        assert "Unsubscribe: https://h.org/u?a=1&b=2\n1 Road\nTown" in filled.text
        assert "@media" in filled.html

    def test_whoever_has_no_name_gets_the_fallback(self) -> None:
        assert _compile("Hi {{first_name}}").fill({}).subject == "Hi friend"
        assert "Hi there" in _compile("Hi {{first_name}}").fill({}).text

    def test_a_subject_stays_on_one_line(self) -> None:
        filled = _compile("x").fill({"first_name": "A\r\nBcc: x@y.z"})
        assert filled.subject == "Hi A Bcc: x@y.z"

    @given(st.text(max_size=200), st.text(max_size=40))
    def test_no_value_gets_out_of_its_place(self, words: str, value: str) -> None:
        if fields.list_problems(words):
            return
        filled = _compile(words + " {{company|-}}").fill({**VALUES, "company": value + "<img>"})
        assert "<img>" not in filled.html
        assert "lsmf0x" not in filled.html or "lsmf0x" in words + value

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("{{frist_name}}", "Did you mean {{first_name}}?"),
            ("{{first name}}", "is no field"),
            ("{{first_name", "Two braces"),
            ("a }} b", "Two braces"),
            ("{{resource_url}}", "follow an opt-in"),
            ("{{first_name|a {b}}}", "Two braces"),
        ],
    )
    def test_what_is_no_field_is_named(self, text: str, said: str) -> None:
        assert said in " ".join(fields.list_problems(text))


class TestEditor:
    async def test_is_saved_previewed_and_sent_to_oneself(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        answer = await creator.browser.post(f"{DESIGNS}/new", data={"kind": "newsletter"})
        path = answer.headers["location"]
        draft = {"name": "Weekly", "blocks": BLOCKS_OF_ALL_KINDS, "look": {"colour": "#aa3300"}}
        saved = await creator.browser.post(path, json=draft)
        assert saved.status_code == 200, saved.text
        shown = await creator.browser.post(f"{path}/preview", data={"draft": json.dumps(draft)})
        assert shown.status_code == 200
        assert "sandbox" in shown.headers["content-security-policy"]
        assert "#aa3300" in shown.text
        sent = await creator.browser.post(f"{path}/test", json={"draft": draft})
        assert sent.json() == {"sent_to": creator.email}
        await work_off(database_url)
        [mail] = await fetch(
            database, "select kind, status from email_outbox where recipient = $1", creator.email
        )
        assert tuple(mail) == ("test", "sent")

    async def test_what_can_not_be_sent_is_named(self, creator: Account) -> None:
        answer = await creator.browser.post(f"{DESIGNS}/new", data={"kind": "letter"})
        path = answer.headers["location"]
        blocks = [
            {"kind": "heading", "text": "{{frist_name}}"},
            {"kind": "button", "label": "Go", "url": "javascript:alert(1)"},
            {"kind": "image", "url": "https://x.org/a.png"},
        ]
        refused = await creator.browser.post(path, json={"name": "x", "blocks": blocks})
        assert refused.status_code == 422
        told = refused.json()["details"]["fields"]
        assert set(told) == {"block_1", "block_2", "block_3"}

    async def test_a_stranger_sees_none_of_it(self, creator: Account, stranger: Account) -> None:
        answer = await creator.browser.post(f"{DESIGNS}/new", data={"kind": "letter"})
        path = answer.headers["location"]
        draft = {"name": "Taken", "blocks": []}
        assert (await stranger.browser.get(path)).status_code == 404
        assert (await stranger.browser.post(path, json=draft)).status_code == 404
        assert (await stranger.browser.post(f"{path}/delete")).status_code == 404
        assert (await stranger.browser.get(f"{DESIGNS}/{uuid4()}")).status_code == 404


class TestBroadcasts:
    async def test_a_broadcast_wears_its_design(
        self, creator: Account, stranger: Account, database: Database, database_url: str
    ) -> None:
        answer = await creator.browser.post(f"{DESIGNS}/new", data={"kind": "announcement"})
        design = answer.headers["location"]
        draft = {
            "name": "Red",
            "blocks": [
                {"kind": "heading", "text": "For {{name}} by {{sender_name}}"},
                {"kind": "body"},
            ],
            "look": {"ground": "#ffeedd"},
        }
        assert (await creator.browser.post(design, json=draft)).status_code == 200
        made = await creator.browser.post("/app/broadcasts/new")
        path = made.headers["location"]
        design_id = design.rpartition("/")[2]
        given = {"subject": "News", "body": "Hi {{first_name|you}}", "design_id": design_id}
        assert (await creator.browser.post(path, data=given)).status_code == 303
        shown = await creator.browser.get(f"{path}/preview")
        assert "#ffeedd" in shown.text
        assert "{{" not in shown.text
        assert "by Ada Lumen" in shown.text
        assert (await creator.browser.post(f"{path}/test")).status_code == 303
        await work_off(database_url)
        [mail] = await fetch(
            database,
            "select html, text from email_outbox where recipient = $1 and subject = '[Test] News'",
            creator.email,
        )
        assert "For Ada Lumen by Ada Lumen" in mail["html"]
        assert "Hi Ada" in mail["text"]
        other = await stranger.browser.post("/app/broadcasts/new")
        refused = await stranger.browser.post(other.headers["location"], data=given)
        assert refused.status_code == 404
