"""Nothing that a model wrote goes out before a person said so, and then it does, once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lodestone.domains.email.reviews import rules
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account
from tests.domains.email.series import (
    OptIn,
    activate,
    add_step,
    draft_flow,
    fetch,
    mails_to,
    new_email,
    publish_magnet,
)

REVIEW = "/app/email/review"


async def _waiting(
    creator: Account, database: Database, opt_in: OptIn, *, people: int = 1
) -> tuple[list[str], list[Any]]:
    """Let people into a flow whose mails are rewritten; return their addresses and what waits."""
    page, magnet_id = await publish_magnet(creator, database, "Calm pipeline")
    flow = await draft_flow(
        creator, trigger_type="lead_magnet", trigger_lead_magnet_id=str(magnet_id)
    )
    await add_step(creator, flow, subject="A question", body="Hi {{first_name}},\n\nHow is it?")
    await add_step(creator, flow, subject="Second", delay_days="1")
    answer = await creator.browser.post(
        f"{flow}/rules", data={"ai_system_prompt": "Mention what they asked for."}
    )
    assert answer.status_code == 303
    await activate(creator, flow)
    addresses = [new_email() for _ in range(people)]
    for email in addresses:
        await opt_in(page, email)
    rows = await fetch(
        database,
        "select id, body_generated, model from email_review_queue"
        " where recipient_email = any ($1) order by created_at",
        addresses,
    )
    return addresses, rows


class TestDeciding:
    async def test_is_edited_approved_and_sent_and_the_reader_goes_on(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        [email], [row] = await _waiting(creator, database, opt_in)
        assert await mails_to(database, email) == []
        assert "You asked for Calm pipeline" in row["body_generated"]
        page = await creator.browser.get(f"{REVIEW}/{row['id']}")
        assert "<ins>" in page.text
        answer = await creator.browser.post(
            f"{REVIEW}/{row['id']}",
            data={"subject": "For you", "body": "Dear {{first_name}}", "decision": "approve"},
        )
        assert answer.status_code == 303, answer.text
        await work_off(database_url)
        [mail] = await mails_to(database, email)
        assert (mail["kind"], mail["subject"], mail["status"]) == ("review", "For you", "sent")
        assert "Dear Grace" in mail["html"]
        [told] = await fetch(
            database,
            "select r.status, c.status, c.current_step from email_review_queue as r"
            " join email_flow_contacts as c on c.id = r.contact_id where r.id = $1",
            row["id"],
        )
        assert tuple(told) == ("sent", "active", 1)
        again = await creator.browser.post(f"{REVIEW}/{row['id']}/reject")
        assert again.status_code == 409

    async def test_many_at_once_and_rejected_ones_get_the_original_or_nothing(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        emails, rows = await _waiting(creator, database, opt_in, people=3)
        approved, original, nothing = [str(row["id"]) for row in rows]
        shown = await creator.browser.get(REVIEW)
        assert all(email in shown.text for email in emails)
        await creator.browser.post(f"{REVIEW}/approve", data={"ids": [approved]})
        await creator.browser.post(f"{REVIEW}/original", data={"ids": [original]})
        await creator.browser.post(f"{REVIEW}/reject", data={"ids": [nothing, approved]})
        await work_off(database_url)
        texts = [[mail["text"] for mail in await mails_to(database, email)] for email in emails]
        assert "You asked for" in texts[0][0]
        assert "You asked for" not in texts[1][0]
        assert texts[2] == []

    async def test_a_field_that_is_not_known_is_refused(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        _, [row] = await _waiting(creator, database, opt_in)
        answer = await creator.browser.post(
            f"{REVIEW}/{row['id']}", data={"subject": "x", "body": "{{nickname}}"}
        )
        assert answer.status_code == 422

    async def test_a_stranger_decides_nothing(
        self, creator: Account, stranger: Account, database: Database, opt_in: OptIn
    ) -> None:
        _, [row] = await _waiting(creator, database, opt_in)
        path = f"{REVIEW}/{row['id']}"
        assert (await stranger.browser.get(path)).status_code == 404
        assert (await stranger.browser.post(f"{path}/reject")).status_code == 404
        [kept] = await fetch(
            database, "select status from email_review_queue where id = $1", row["id"]
        )
        assert kept["status"] == "pending_review"


class TestComparing:
    @given(st.text(max_size=80), st.text(max_size=80))
    def test_the_pieces_of_each_side_are_its_text(self, before: str, after: str) -> None:
        left, right = rules.compare(before, after)
        assert "".join(piece.text for piece in left) == before
        assert "".join(piece.text for piece in right) == after

    def test_only_what_changed_is_marked(self) -> None:
        left, right = rules.compare("Hi there, how is it?", "Hi Grace, how is it?")
        assert [piece.text for piece in left if piece.change == "removed"] == ["there"]
        assert [piece.text for piece in right if piece.change == "added"] == ["Grace"]
