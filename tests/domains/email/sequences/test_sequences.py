"""Welcome mails: written, filled, switched on, and sent only while all of it still holds."""

import re
from uuid import UUID

from lodestone.domains.email.sequences import jobs
from lodestone.domains.email.sequences.models import WelcomeMail
from lodestone.domains.email.sequences.writing import Ground, _offline
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account
from tests.domains.email.series import (
    OptIn,
    confirm,
    execute,
    fetch,
    mails_to,
    new_email,
    publish_magnet,
)


async def _written(creator: Account, database: Database) -> tuple[str, str]:
    """Publish a funnel and write its mails; return the public page and the tab's path."""
    page, magnet_id = await publish_magnet(creator, database, "Ten quiet minutes")
    [row] = await fetch(
        database, "select id from funnel_pages where lead_magnet_id = $1", magnet_id
    )
    tab = f"/app/funnels/{row['id']}/email"
    answer = await creator.browser.post(f"{tab}/generate")
    assert answer.status_code == 303, answer.text
    return page, tab


async def _come_to_day(database: Database, email: str, days: int) -> UUID:
    """Let an enrolment be some days old; return it."""
    [row] = await fetch(
        database,
        """
        update email_sequence_enrolments as e
        set enrolled_at = now() - make_interval(days => $2, mins => 5)
        from funnel_leads as l
        where l.id = e.funnel_lead_id and l.email = $1
        returning e.id
        """,
        email,
        days,
    )
    identifier: UUID = row["id"]
    return identifier


class TestWriting:
    async def test_five_mails_by_the_template_that_say_so(
        self, creator: Account, database: Database
    ) -> None:
        _, tab = await _written(creator, database)
        shown = await creator.browser.get(tab)
        assert shown.status_code == 200
        assert "These are the built-in texts" in shown.text
        assert len(re.findall(r'name="subject_\d"', shown.text)) == 5

    def test_the_template_tells_what_is_known_and_leaves_no_gap(self) -> None:
        bare = _offline(Ground(title="Guide", sender_name="Ada"))
        text = " ".join(mail.subject + mail.body for mail in bare.emails)
        assert [mail.day for mail in bare.emails] == [0, 1, 2, 3, 4]
        assert "[INSERT" not in text
        assert text.count("Ada") >= 3
        assert all(len(mail.subject.split()) <= 5 for mail in bare.emails)
        full = _offline(
            Ground(
                title="Guide", sender_name="Ada", community_url="https://c.org", example="Bo did"
            )
        )
        assert "https://c.org" in full.emails[3].body
        assert "Bo did" in full.emails[3].body

    async def test_gaps_keep_it_off(self, creator: Account, database: Database) -> None:
        _, tab = await _written(creator, database)
        saved = await creator.browser.post(
            tab, data={"day_0": "0", "subject_0": "Hi", "body_0": "A tip: [INSERT TIP HERE]"}
        )
        assert saved.status_code == 303
        refused = await creator.browser.post(f"{tab}/activate")
        assert refused.status_code == 422
        assert "[INSERT TIP HERE]" in refused.text

    async def test_a_field_we_do_not_know_is_named_at_its_mail(
        self, creator: Account, database: Database
    ) -> None:
        _, tab = await _written(creator, database)
        refused = await creator.browser.post(
            tab, data={"day_0": "0", "subject_0": "Hi", "body_0": "Dear {{surname}}"}
        )
        assert refused.status_code == 422
        assert "{{surname}} is not a field we know" in refused.text

    async def test_a_stranger_reaches_nothing(
        self, creator: Account, stranger: Account, database: Database
    ) -> None:
        _, tab = await _written(creator, database)
        assert (await stranger.browser.get(tab)).status_code == 404
        for action in ("/activate", "/generate", "/deactivate"):
            assert (await stranger.browser.post(f"{tab}{action}")).status_code == 404

    def test_the_earlier_name_of_the_day_is_understood(self) -> None:
        mail = WelcomeMail.model_validate({"delay_days": 3, "subject": "x", "body": "y"})
        assert mail.kept()["day"] == 3


class TestSending:
    async def test_each_mail_comes_on_its_day_once(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, tab = await _written(creator, database)
        assert (await creator.browser.post(f"{tab}/activate")).status_code == 303
        email = new_email()
        await opt_in(page, email)
        await opt_in(page, email)
        [mail] = await mails_to(database, email)
        assert (mail["kind"], mail["status"]) == ("sequence", "sent")
        assert "/content?lead=" in mail["html"]
        enrolment = await _come_to_day(database, email, 1)
        for _ in range(2):
            for index in range(5):
                await jobs.send_welcome_mail(jobs.WelcomeStep(enrolment, index))
        await work_off(database_url)
        keys = [mail["dedupe_key"].rpartition(":")[2] for mail in await mails_to(database, email)]
        assert keys == ["0", "1"]

    async def test_whoever_left_and_what_is_off_gets_nothing_more(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        page, tab = await _written(creator, database)
        await creator.browser.post(f"{tab}/activate")
        gone, here = new_email(), new_email()
        await opt_in(page, gone)
        await opt_in(page, here)
        await execute(
            database,
            "update email_subscribers set status = 'unsubscribed', unsubscribed_at = now()"
            " where email = $1",
            gone,
        )
        await jobs.send_welcome_mail(jobs.WelcomeStep(await _come_to_day(database, gone, 4), 1))
        assert (await creator.browser.post(f"{tab}/deactivate")).status_code == 303
        await jobs.send_welcome_mail(jobs.WelcomeStep(await _come_to_day(database, here, 4), 1))
        assert [len(await mails_to(database, email)) for email in (gone, here)] == [1, 1]

    async def test_whoever_confirms_later_gets_the_mail_that_was_due(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, tab = await _written(creator, database)
        await creator.browser.post(f"{tab}/activate")
        await creator.browser.post("/app/subscribers/double-opt-in", data={"is_on": "true"})
        email = new_email()
        await opt_in(page, email)
        await creator.browser.post("/app/subscribers/double-opt-in", data={"is_on": "false"})
        assert [mail["kind"] for mail in await mails_to(database, email)] == ["transactional"]
        await confirm(database, email)
        await work_off(database_url)
        kinds = [mail["kind"] for mail in await mails_to(database, email)]
        assert kinds == ["transactional", "sequence"]

    async def test_without_either_the_resource_mail_goes_out(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        page, _ = await _written(creator, database)
        email = new_email()
        await opt_in(page, email)
        assert [mail["kind"] for mail in await mails_to(database, email)] == ["resource"]
