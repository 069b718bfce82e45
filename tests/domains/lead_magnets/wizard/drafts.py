"""Steps through the wizard over HTTP, as a browser takes them."""

import re
from dataclasses import dataclass
from uuid import uuid4

import httpx

from lodestone.domains.lead_magnets.archetypes.service import ARCHETYPES
from lodestone.domains.lead_magnets.models import Archetype
from lodestone.platform.jobs import work_off
from tests.domains.accounts import Account

CONTEXT = {
    "business_description": "We help B2B agencies keep their clients for longer.",
    "business_type": "agency-owner",
    "urgent_pains": "Most agencies struggle with churn\nReports take hours every Friday",
    "results": "Our audit cut churn from 9% to 3%",
    "processes": "The five-step retention audit",
}
_VERSION = re.compile(r'name="version" value="([^"]+)"')


@dataclass(slots=True)
class Wizard:
    """One draft in one tab: `version` is what the tab last saw."""

    creator: Account
    database_url: str
    path: str = ""
    version: str = ""

    async def start(self) -> "Wizard":
        """Begin a draft and open it."""
        draft_id = uuid4()
        answer = await self.creator.browser.post("/app/drafts", data={"draft_id": str(draft_id)})
        assert answer.status_code == 303, answer.text
        self.path = f"/app/drafts/{draft_id}"
        await self.open()
        return self

    async def open(self, step: int | None = None) -> str:
        """Load the page, and return it."""
        query = f"?step={step}" if step else ""
        answer = await self.creator.browser.get(f"{self.path}{query}")
        assert answer.status_code == 200, answer.text
        found = _VERSION.search(answer.text)
        if found:
            self.version = found[1]
        return answer.text

    async def save(self, step: int, **fields: str) -> httpx.Response:
        """Save as the page does by itself, after two seconds without a key."""
        answer = await self.creator.browser.post(
            f"{self.path}/save?step={step}",
            data={"version": self.version, **fields},
            headers={"accept": "application/json"},
        )
        if answer.status_code == 200:
            self.version = answer.json()["version"]
        return answer

    async def post(self, to: str, /, **fields: str) -> httpx.Response:
        """Send a step's form."""
        return await self.creator.browser.post(
            f"{self.path}/{to}", data={"version": self.version, **fields}
        )

    async def work(self) -> str:
        """Let the background work be done, and load the page again."""
        await work_off(self.database_url)
        return await self.open()

    async def reach_ideas(self) -> str:
        """Say what the business does, and let ideas be thought up."""
        answer = await self.post("context", act="ideas", **CONTEXT)
        assert answer.status_code == 303, answer.text
        return await self.work()

    async def reach_answers(self, archetype: Archetype = Archetype.FOCUSED_TOOLKIT) -> str:
        """Take an own idea in a format."""
        await self.reach_ideas()
        answer = await self.post(
            "idea",
            act="own",
            own_title="The churn toolkit",
            own_pain="Clients leave without a word",
            own_archetype=archetype,
        )
        assert answer.status_code == 303, answer.text
        return await self.work()

    async def reach_content(self, archetype: Archetype = Archetype.FOCUSED_TOOLKIT) -> str:
        """Answer every question, and let the answers be put in order."""
        await self.reach_answers(archetype)
        answers = {
            f"answer_{each.id}": f"About {each.id}, first.\n- Point one: what I do\n- Point two"
            for each in ARCHETYPES[archetype].questions
        }
        answer = await self.post("answers", **answers)
        assert answer.status_code == 303, answer.text
        return await self.work()

    async def reach_posts(self) -> str:
        """Accept the content, and let posts be written."""
        await self.reach_content()
        answer = await self.post("content", act="next")
        assert answer.status_code == 303, answer.text
        return await self.work()

    async def publish(self, title: str = "The churn toolkit") -> httpx.Response:
        """Make the lead magnet."""
        await self.open(6)
        return await self.post("publish", title=title)
