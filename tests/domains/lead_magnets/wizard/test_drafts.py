"""Drafts keep what is typed, never over another tab, and are seen by whom they belong to."""

from lodestone.domains.lead_magnets.wizard.rules import read_state
from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from tests.domains.accounts import Account
from tests.domains.lead_magnets.wizard.drafts import CONTEXT, Wizard
from tests.people import People, Person


class TestSaving:
    async def test_keeps_what_is_typed_and_where_it_was_left(self, wizard: Wizard) -> None:
        assert (await wizard.save(1, business_description="We mend clocks")).status_code == 200
        assert "We mend clocks" in await wizard.open()

    async def test_refuses_to_overwrite_another_tab(self, wizard: Wizard) -> None:
        other = Wizard(wizard.creator, wizard.database_url, wizard.path, wizard.version)
        assert (await other.save(1, business_description="The other tab")).status_code == 200
        refused = await wizard.save(1, business_description="This tab")
        assert refused.status_code == 409
        assert refused.json()["code"] == "draft_changed"
        assert "The other tab" in await wizard.open()
        wizard.version = refused.json()["details"]["version"]
        assert (await wizard.save(1, business_description="This tab")).status_code == 200

    async def test_refuses_more_than_a_draft_holds(self, wizard: Wizard) -> None:
        assert (await wizard.save(1, transcript="a" * 120_000)).status_code == 200
        refused = await wizard.save(1, transcript="a" * 120_001)
        assert refused.status_code == 422
        assert "transcript" in refused.json()["details"]["fields"]

    async def test_asks_for_the_version(self, wizard: Wizard) -> None:
        for version in ("", "yesterday", "2026-13-40"):
            wizard.version = version
            assert (await wizard.save(1, business_description="X")).status_code == 422

    def test_reads_a_draft_of_an_older_shape_without_losing_the_rest(self) -> None:
        state = read_state(
            {"currentStep": 3, "ideationResult": {"concepts": [{"archetype": "unknown"}]}}
            | {"extractionAnswers": {"steps": "All of them"}}
        )
        assert state.ideation_result is None
        assert state.extraction_answers == {"steps": "All of them"}


class TestPicker:
    async def test_begins_one_draft_however_often_it_is_sent(self, wizard: Wizard) -> None:
        draft_id = wizard.path.rsplit("/", 1)[1]
        await wizard.creator.browser.post("/app/drafts", data={"draft_id": draft_id})
        shown = await wizard.creator.browser.get("/app/drafts")
        assert shown.text.count(f'href="{wizard.path}"') == 2

    async def test_brings_back_what_was_deleted(self, wizard: Wizard, database: Database) -> None:
        browser = wizard.creator.browser
        await wizard.save(1, **CONTEXT)
        assert (await browser.post(f"{wizard.path}/delete")).status_code == 303
        assert (await browser.get(wizard.path)).status_code == 404
        assert wizard.path not in (await browser.get("/app/drafts")).text.replace("/restore", "")
        assert (await browser.post(f"{wizard.path}/restore")).status_code == 303
        assert CONTEXT["business_description"] in await wizard.open()
        await browser.post(f"{wizard.path}/delete")
        async with database.acting_as(Root()) as tx:
            await tx.execute(
                "update extraction_sessions set expires_at = now() - interval '1 second'"
                " where id = $1::uuid",
                wizard.path.rsplit("/", 1)[1],
            )
        assert (await browser.post(f"{wizard.path}/restore")).status_code == 404


class TestAccess:
    async def test_a_stranger_neither_sees_nor_changes_a_draft(
        self, wizard: Wizard, stranger: Account
    ) -> None:
        assert wizard.path not in (await stranger.browser.get("/app/drafts")).text
        assert (await stranger.browser.get(wizard.path)).status_code == 404
        data = {"version": wizard.version, "act": "cancel", "title": "Mine", "index": "0"}
        for act in ("save?step=1", "context", "idea", "ideas", "answers", "chat", "content"):
            answer = await stranger.browser.post(f"{wizard.path}/{act}", data=data)
            assert answer.status_code == 404, act
        for act in ("posts", "publish", "job", "delete", "restore"):
            answer = await stranger.browser.post(f"{wizard.path}/{act}", data=data)
            assert answer.status_code == 404, act

    async def test_a_team_works_on_its_drafts_together(
        self, creator: Account, stranger: Account, people: People, database_url: str
    ) -> None:
        persons = [Person(each.id, each.email, each.username) for each in (creator, stranger)]
        team_id = await people.team(*persons)
        creator.browser.params = {"team_id": str(team_id)}
        draft = await Wizard(creator, database_url).start()
        creator.browser.params = {}
        member = Wizard(stranger, database_url, draft.path)
        await member.open()
        assert (await member.save(1, business_description="From the member")).status_code == 200
        assert "From the member" in await draft.open()
