"""People move through flows once, in order, when they are due, and leave when they should."""

import asyncio
import signal
import sys
from pathlib import Path
from uuid import UUID, uuid4

from fastapi import FastAPI

from lodestone.domains.email.flows import jobs
from lodestone.platform.database import Database
from lodestone.platform.jobs import work_off
from lodestone.platform.runtime import Runtime
from tests.domains.accounts import Account
from tests.domains.email.series import (
    FLOWS,
    OptIn,
    activate,
    add_step,
    confirm,
    draft_flow,
    execute,
    fetch,
    mails_to,
    new_email,
    publish_magnet,
)


async def _flow_of_magnet(creator: Account, database: Database) -> tuple[str, str]:
    """Return the public page and the path of an active flow with three mails."""
    page, magnet_id = await publish_magnet(creator, database, "Ten minutes")
    flow = await draft_flow(
        creator, trigger_type="lead_magnet", trigger_lead_magnet_id=str(magnet_id)
    )
    await add_step(creator, flow, body="Here: [open it]({{resource_url}})")
    await add_step(creator, flow, subject="Day one", delay_days="1")
    await add_step(creator, flow, subject="Day three", delay_days="2")
    await activate(creator, flow)
    return page, flow


async def _make_due(database: Database, email: str) -> None:
    """Let the time of somebody's next step come."""
    rows = await fetch(
        database,
        "update email_flow_contacts set next_run_at = now() where email = $1 and status = 'active'"
        " returning flow_id",
        email,
    )
    for row in rows:
        await jobs.run_flow(jobs.RunFlow(row["flow_id"]))


class TestEntering:
    async def test_an_opt_in_enters_the_flow_and_gets_no_resource_mail(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        page, _ = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        [mail] = await mails_to(database, email)
        assert (mail["kind"], mail["subject"], mail["status"]) == ("flow", "Hello Grace", "sent")
        assert "/content?lead=" in mail["html"]
        assert "Unsubscribe: http" in mail["text"]
        [contact] = await fetch(
            database, "select * from email_flow_contacts where email = $1", email
        )
        assert (contact["current_step"], contact["status"]) == (1, "active")
        assert contact["next_run_at"] > contact["entered_at"]

    async def test_whoever_is_on_the_way_is_not_entered_again(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        page, _ = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        await opt_in(page, email)
        assert len(await mails_to(database, email)) == 1

    async def test_someone_put_in_by_hand_has_to_be_on_the_list(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        flow = await draft_flow(creator)
        await add_step(creator, flow)
        await activate(creator, flow)
        email = new_email()
        refused = await creator.browser.post(f"{flow}/people", data={"email": email})
        assert refused.status_code == 422
        assert "Nobody on the list" in refused.text
        await creator.browser.post(
            "/app/subscribers/new", data={"email": email, "has_agreed": "true"}
        )
        added = await creator.browser.post(f"{flow}/people", data={"email": email})
        assert added.status_code == 303
        again = await creator.browser.post(f"{flow}/people", data={"email": email})
        assert again.status_code == 409
        await work_off(database_url)
        assert [mail["subject"] for mail in await mails_to(database, email)] == ["Hello there"]
        people = await creator.browser.get(f"{flow}/people")
        assert email in people.text

    async def test_a_committed_row_lets_people_enter_and_ends_other_flows(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, first = await _flow_of_magnet(creator, database)
        answer = await creator.browser.post(f"{first}/rules", data={"goal_event": "purchase"})
        assert answer.status_code == 303
        onboarding = await draft_flow(creator, trigger_type="event", trigger_event_type="purchase")
        await add_step(creator, onboarding, subject="Thank you for buying")
        await activate(creator, onboarding)
        email = new_email()
        await opt_in(page, email)
        await execute(
            database,
            """
            insert into revenue_events (
                tenant_id, stripe_event_id, event_type, amount_cents, customer_email)
            select p.tenant_id, $2, 'payment', 100, $3 from profiles as p where p.id = $1
            """,
            creator.id,
            f"evt_{uuid4().hex}",
            email.upper(),
        )
        await work_off(database_url)
        subjects = [mail["subject"] for mail in await mails_to(database, email)]
        assert subjects == ["Hello Grace", "Thank you for buying"]
        rows = await fetch(
            database,
            "select outcome from email_flow_contacts where email = $1 order by entered_at",
            email,
        )
        assert [row["outcome"] for row in rows] == ["goal", "finished"]

    async def test_a_program_tells_what_somebody_did_and_puts_people_in(
        self, creator: Account, stranger: Account, database: Database, database_url: str
    ) -> None:
        flow = await draft_flow(creator, trigger_type="event", trigger_event_type="webhook")
        await add_step(creator, flow)
        await activate(creator, flow)
        emails = [new_email(), new_email()]
        for email in emails:
            await creator.browser.post(
                "/app/subscribers/new", data={"email": email, "has_agreed": "true"}
            )
        told = {"email": emails[0], "id": "order-1"}
        for person in (creator, creator, stranger):
            answer = await person.browser.post("/api/email/happenings", json=told)
            assert answer.status_code == 202, answer.text
        added = {"email": emails[1]}
        path = f"/api/email/flows/{_id(flow)}/contacts"
        assert (await stranger.browser.post(path, json=added)).status_code == 404
        assert (await creator.browser.post(path, json=added)).status_code == 201
        refused = await creator.browser.post(path, json={"email": new_email()})
        assert refused.status_code == 422
        await work_off(database_url)
        assert [len(await mails_to(database, email)) for email in emails] == [1, 1]

    async def test_whoever_went_through_enters_again_only_if_the_flow_allows_it(
        self, creator: Account, database: Database, database_url: str
    ) -> None:
        flow = await draft_flow(creator)
        await add_step(creator, flow)
        await activate(creator, flow)
        email = new_email()
        await creator.browser.post(
            "/app/subscribers/new", data={"email": email, "has_agreed": "true"}
        )
        told: list[int] = []
        for allows in ({}, {"allows_reentry": "true"}):
            await creator.browser.post(f"{flow}/rules", data=allows)
            for _ in range(2 - len(told)):
                answer = await creator.browser.post(f"{flow}/people", data={"email": email})
                told.append(answer.status_code)
        again = await creator.browser.post(f"{flow}/people", data={"email": email})
        assert [*told, again.status_code] == [303, 409, 303]
        await work_off(database_url)
        assert len(await mails_to(database, email)) == 2

    async def test_whoever_has_yet_to_confirm_waits_at_the_door(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, _ = await _flow_of_magnet(creator, database)
        await creator.browser.post("/app/subscribers/double-opt-in", data={"is_on": "true"})
        email = new_email()
        await opt_in(page, email)
        await creator.browser.post("/app/subscribers/double-opt-in", data={"is_on": "false"})
        assert [mail["kind"] for mail in await mails_to(database, email)] == ["transactional"]
        await confirm(database, email)
        await work_off(database_url)
        kinds = [mail["kind"] for mail in await mails_to(database, email)]
        assert kinds == ["transactional", "flow"]


class TestMoving:
    async def test_mails_come_in_order_and_the_last_ends_it(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, flow = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        for _ in range(3):
            await _make_due(database, email)
            await work_off(database_url)
        subjects = [mail["subject"] for mail in await mails_to(database, email)]
        assert subjects == ["Hello Grace", "Day one", "Day three"]
        shown = await creator.browser.get(flow)
        assert shown.status_code == 200
        [contact] = await fetch(
            database, "select * from email_flow_contacts where email = $1", email
        )
        assert (contact["status"], contact["outcome"]) == ("completed", "finished")

    async def test_pausing_holds_everybody_and_switching_on_lets_them_go_on(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, flow = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        assert (await creator.browser.post(f"{flow}/pause")).status_code == 303
        await _make_due(database, email)
        await work_off(database_url)
        assert len(await mails_to(database, email)) == 1
        await activate(creator, flow)
        await work_off(database_url)
        assert len(await mails_to(database, email)) == 2

    async def test_a_step_waits_for_something_and_is_left_out_when_it_never_happens(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, magnet_id = await publish_magnet(creator, database, "Waiting")
        flow = await draft_flow(
            creator, trigger_type="lead_magnet", trigger_lead_magnet_id=str(magnet_id)
        )
        await add_step(creator, flow)
        await add_step(
            creator,
            flow,
            subject="You booked",
            delay_days="3",
            wait_for="meeting_booked",
            wait_otherwise="skip",
        )
        await add_step(
            creator,
            flow,
            subject="Not booked yet",
            fact_0="happened:meeting_booked",
            is_true_0="false",
        )
        await activate(creator, flow)
        patient, quick = new_email(), new_email()
        await opt_in(page, patient)
        await opt_in(page, quick)
        # The opt-in made a lead of the tenant's pipeline, whose status is an event when it changes.
        await execute(
            database, "update leads set status = 'meeting_booked' where email = $1", quick
        )
        await work_off(database_url)
        await _make_due(database, patient)
        await work_off(database_url)
        told = {
            who: [mail["subject"] for mail in await mails_to(database, who)]
            for who in (patient, quick)
        }
        assert told == {
            patient: ["Hello Grace", "Not booked yet"],
            quick: ["Hello Grace", "You booked"],
        }

    async def test_whoever_unsubscribes_gets_no_more(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, _ = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        await execute(
            database,
            "update email_subscribers set status = 'unsubscribed', unsubscribed_at = now()"
            " where email = $1",
            email,
        )
        await _make_due(database, email)
        await work_off(database_url)
        assert len(await mails_to(database, email)) == 1
        [contact] = await fetch(
            database, "select status from email_flow_contacts where email = $1", email
        )
        assert contact["status"] == "unsubscribed"

    async def test_a_mail_that_fails_for_good_holds_its_reader_until_it_is_sent(
        self, creator: Account, database: Database, opt_in: OptIn
    ) -> None:
        page, _ = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        await _make_due(database, email)
        statuses = []
        for change in (
            "status = 'failed', error_message = 'No'",
            "status = 'sent', sent_at = now()",
        ):
            await execute(
                database,
                f"update email_outbox set {change} where recipient = $1 and subject = 'Day one'",
                email,
            )
            rows = await fetch(
                database, "select status from email_flow_contacts where email = $1", email
            )
            statuses.append(rows[0]["status"])
        assert statuses == ["failed", "active"]

    async def test_two_workers_at_once_send_a_step_once(
        self, creator: Account, database: Database, opt_in: OptIn, runtime: Runtime
    ) -> None:
        page, flow = await _flow_of_magnet(creator, database)
        people = [new_email() for _ in range(4)]
        for email in people:
            await opt_in(page, email)
            await execute(
                database,
                "update email_flow_contacts set next_run_at = now() where email = $1",
                email,
            )
        running = jobs.RunFlow(flow_id=_id(flow))
        await asyncio.gather(*(jobs.run_flow(running) for _ in range(4)))
        for email in people:
            assert len(await mails_to(database, email)) == 2

    async def test_a_worker_that_is_killed_before_its_commit_sends_nothing_twice(
        self,
        creator: Account,
        database: Database,
        database_url: str,
        opt_in: OptIn,
        data_dir: Path,
    ) -> None:
        page, flow = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        await execute(
            database, "update email_flow_contacts set next_run_at = now() where email = $1", email
        )
        killed = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.domains.email.flows.dying",
            database_url,
            str(data_dir),
            str(_id(flow)),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await killed.communicate()
        assert (said.decode().strip(), killed.returncode) == ("moved 1 1", -signal.SIGKILL)
        assert len(await mails_to(database, email)) == 1
        for _ in range(2):
            await jobs.run_flow(jobs.RunFlow(_id(flow)))
        await work_off(database_url)
        assert [mail["subject"] for mail in await mails_to(database, email)] == [
            "Hello Grace",
            "Day one",
        ]


class TestWriting:
    async def test_steps_of_an_active_flow_stay(self, creator: Account, database: Database) -> None:
        _, flow = await _flow_of_magnet(creator, database)
        answer = await creator.browser.post(
            f"{flow}/steps", data={"subject": "x", "body": "y", "delay_days": "1"}
        )
        assert answer.status_code == 409

    async def test_an_unknown_field_is_named(self, creator: Account) -> None:
        flow = await draft_flow(creator)
        answer = await creator.browser.post(
            f"{flow}/steps",
            data={"subject": "Hi {{frist_name}}", "body": "Hello", "delay_days": "0"},
        )
        assert answer.status_code == 422
        assert "{{frist_name}} is not a field we know. Did you mean {{first_name}}?" in answer.text

    async def test_a_reader_of_a_preview_that_is_none_is_named(self, creator: Account) -> None:
        flow = await draft_flow(creator)
        given = {"subject": "Hi", "body": "Hello", "delay_days": "0", "subscriber_id": "nobody"}
        answer = await creator.browser.post(f"{flow}/steps/preview", data=given)
        assert answer.status_code == 422
        assert "Choose a reader" in answer.text

    async def test_a_flow_without_mails_is_not_switched_on(self, creator: Account) -> None:
        flow = await draft_flow(creator)
        answer = await creator.browser.post(f"{flow}/activate")
        assert answer.status_code == 422
        assert "Write at least one mail" in answer.text

    async def test_one_active_flow_per_lead_magnet(
        self, creator: Account, database: Database
    ) -> None:
        _, flow = await _flow_of_magnet(creator, database)
        [row] = await fetch(
            database,
            "select trigger_lead_magnet_id as id from email_flows where id = $1",
            _id(flow),
        )
        second = await draft_flow(
            creator, trigger_type="lead_magnet", trigger_lead_magnet_id=str(row["id"])
        )
        await add_step(creator, second)
        answer = await creator.browser.post(f"{second}/activate")
        assert answer.status_code == 409

    async def test_deleting_a_mail_renumbers_and_people_keep_their_place(
        self, creator: Account, database: Database, database_url: str, opt_in: OptIn
    ) -> None:
        page, flow = await _flow_of_magnet(creator, database)
        email = new_email()
        await opt_in(page, email)
        await creator.browser.post(f"{flow}/pause")
        steps = await fetch(
            database,
            "select id from email_flow_steps where flow_id = $1 order by step_number",
            _id(flow),
        )
        gone = await creator.browser.post(f"{flow}/steps/{steps[0]['id']}/delete")
        assert gone.status_code == 303
        await activate(creator, flow)
        await _make_due(database, email)
        await work_off(database_url)
        subjects = [mail["subject"] for mail in await mails_to(database, email)]
        assert subjects == ["Hello Grace", "Day one"]

    async def test_mails_are_written_without_a_model(
        self, creator: Account, database: Database
    ) -> None:
        _, magnet_id = await publish_magnet(creator, database, "A calm week")
        flow = await draft_flow(
            creator, trigger_type="lead_magnet", trigger_lead_magnet_id=str(magnet_id)
        )
        answer = await creator.browser.post(f"{flow}/generate", data={"count": "5"})
        assert answer.status_code == 303, answer.text
        rows = await fetch(
            database,
            "select delay_days, body from email_flow_steps where flow_id = $1 order by step_number",
            _id(flow),
        )
        assert [row["delay_days"] for row in rows] == [0, 1, 1, 1, 1]
        assert "{{resource_url}}" in rows[0]["body"]

    async def test_a_stranger_sees_and_changes_nothing(
        self, creator: Account, stranger: Account, database: Database, app: FastAPI
    ) -> None:
        _, flow = await _flow_of_magnet(creator, database)
        for path in ("", "/people", "/rules"):
            assert (await stranger.browser.get(f"{flow}{path}")).status_code == 404
        for path in ("/pause", "/activate", "/delete", "/generate"):
            assert (await stranger.browser.post(f"{flow}{path}")).status_code == 404
        assert "After the guide" not in (await stranger.browser.get(FLOWS)).text
        [row] = await fetch(database, "select status from email_flows where id = $1", _id(flow))
        assert row["status"] == "active"


def _id(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])
