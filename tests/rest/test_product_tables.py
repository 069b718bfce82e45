"""The product's own odd ones: columns with spaces, a view over them, and search by meaning."""

import json
from urllib.parse import quote
from uuid import uuid4

import pytest

from lodestone.platform.actors import Root
from lodestone.platform.database import Database
from lodestone.settings import Settings
from tests.people import People, Person
from tests.rest.conftest import Api, sign

DIMENSIONS = 1536
LINK = quote('"LinkedIn Link"')


def towards(*places: int) -> list[float]:
    """Return a vector that points along some of the dimensions."""
    return [1.0 if place in places else 0.0 for place in range(DIMENSIONS)]


class TestNamesWithSpaces:
    """As the clients write them: in quotes or bare, and percent-encoded in the address."""

    @pytest.fixture
    async def link(self, service: Api) -> str:
        """One lead of a bought list."""
        link = f"https://www.linkedin.com/in/{uuid4().hex}"
        row = {
            "LinkedIn Link": link,
            "First Name": "Ada",
            "Company Name": 'Acme, "Ltd" (UK)',
            "Followers": 12,
        }
        response = await service.ask("POST", "/all_leads", json=row)
        assert response.status_code == 201, response.text
        return link

    async def test_are_selected_filtered_and_ordered(self, service: Api, link: str) -> None:
        columns = quote('"First Name",company:"Company Name","Followers"::text')
        name, value = quote('"Company Name"'), quote('eq.Acme, "Ltd" (UK)')
        only = f"{quote('LinkedIn Link')}=eq.{quote(link, safe='')}"
        order = quote('"First Name".desc.nullslast,"Last Name"')
        path = f"/all_leads?select={columns}&{name}={value}&{only}&order={order}"
        expected = {"First Name": "Ada", "company": 'Acme, "Ltd" (UK)', "Followers": "12"}
        assert await service.rows(path) == [expected]
        assert await service.rows(path.replace(quote('"First Name",'), quote("First Name,"))) == [
            expected
        ]

    async def test_stand_in_trees_and_lists(self, service: Api, link: str) -> None:
        tree = quote(
            f'("LinkedIn Link".eq."{link}",and("First Name".eq.Nobody,"Last Name".is.null))'
        )
        listed = quote('in.("Acme, \\"Ltd\\" (UK)","other")')
        path = f"/all_leads?select={LINK}&or={tree}"
        path += f"&{quote('Company Name')}={listed}"
        assert await service.rows(path) == [{"LinkedIn Link": link}]

    async def test_are_written(self, service: Api, link: str) -> None:
        only = f"{quote('LinkedIn Link')}=eq.{quote(link, safe='')}"
        prefer = "return=representation"
        response = await service.ask(
            "PATCH",
            f"/all_leads?{only}&select={quote('Last Name')}",
            json={"Last Name": "Lovelace"},
            prefer=prefer,
        )
        assert response.json() == [{"Last Name": "Lovelace"}]
        upsert = f"/all_leads?on_conflict={LINK}&columns=" + quote('"LinkedIn Link","Title"')
        body = [{"LinkedIn Link": link, "Title": "Countess", "Email": "not taken"}]
        response = await service.ask(
            "POST", upsert, json=body, prefer=f"{prefer}, resolution=merge-duplicates"
        )
        assert (response.status_code, response.json()[0]["Title"]) == (200, "Countess")
        assert response.json()[0]["Email"] is None
        response = await service.ask("DELETE", f"/all_leads?{only}", prefer=prefer)
        assert [row["Last Name"] for row in response.json()] == ["Lovelace"]

    async def test_are_plain_in_the_view_over_them(self, service: Api, link: str) -> None:
        only = f"linkedin_url=eq.{quote(link, safe='')}"
        rows = await service.rows(f"/lead_pool?select=first_name,company_name&{only}")
        assert rows == [{"first_name": "Ada", "company_name": 'Acme, "Ltd" (UK)'}]

    async def test_are_nobody_elses(self, user: Api, anon: Api, link: str) -> None:
        for table in ("all_leads", "lead_pool"):
            for somebody in (user, anon):
                response = await somebody.get(f"/{table}")
                assert response.status_code in (401, 403) or response.json() == [], table


class TestSearchByMeaning:
    @pytest.fixture
    async def person(self, library: Database) -> Person:
        """Somebody with three entries, each about something else."""
        person = await People(library).user()
        async with library.acting_as(Root()) as tx:
            for content, places in (("moon", (0,)), ("tides", (0, 1)), ("tax", (9,))):
                await tx.execute(
                    "insert into public.cp_knowledge_entries"
                    " (user_id, category, speaker, content, knowledge_type, embedding)"
                    " values ($1, 'insight', 'host', $2, 'insight', $3::text::vector)",
                    person.id,
                    content,
                    json.dumps(towards(*places)),
                )
        return person

    def api(self, service: Api, settings: Settings, person: Person) -> Api:
        return Api(service.client, sign(settings, role="authenticated", sub=str(person.id)))

    async def test_finds_the_nearest_first(
        self, service: Api, settings: Settings, person: Person
    ) -> None:
        api = self.api(service, settings, person)
        near = {"p_user_id": str(person.id), "threshold": 0.5, "match_count": 5}
        for vector in (towards(0), json.dumps(towards(0))):
            response = await api.ask(
                "POST",
                "/rpc/cp_match_knowledge_entries?select=content,similarity",
                json={**near, "query_embedding": vector},
            )
            assert response.status_code == 200, response.text
            found = [(row["content"], round(row["similarity"], 3)) for row in response.json()]
            assert found == [("moon", 1.0), ("tides", 0.707)]

    async def test_can_be_narrowed_and_takes_text(
        self, service: Api, settings: Settings, person: Person
    ) -> None:
        api = self.api(service, settings, person)
        response = await api.ask(
            "POST",
            "/rpc/cp_match_knowledge_entries_v2?select=content&content=neq.moon&limit=1",
            json={
                "query_embedding": json.dumps(towards(0)),
                "p_user_id": str(person.id),
                "threshold": 0.1,
            },
        )
        assert response.json() == [{"content": "tides"}]

    async def test_finds_nothing_of_others(
        self, service: Api, settings: Settings, stranger: Api, person: Person
    ) -> None:
        body = {"query_embedding": towards(0), "p_user_id": str(person.id), "threshold": -1}
        response = await stranger.ask("POST", "/rpc/cp_match_knowledge_entries", json=body)
        assert response.status_code in (401, 403) or response.json() == []

    async def test_refuses_a_vector_of_another_length(
        self, service: Api, settings: Settings, person: Person
    ) -> None:
        api = self.api(service, settings, person)
        body = {"query_embedding": [1, 2], "p_user_id": str(person.id)}
        response = await api.ask("POST", "/rpc/cp_match_knowledge_entries", json=body)
        assert (response.status_code, response.json()["code"]) == (400, "22000")
