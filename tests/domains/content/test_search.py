"""Search by meaning: what it finds, for whom, and by which index."""

from collections.abc import Sequence
from datetime import date
from math import cos, radians, sin
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from lodestone.platform.actors import Actor, Root, Visitor, Writer
from lodestone.platform.database import Database, Tx
from tests.domains.content.rows import add
from tests.people import People, Person

MODEL = "wordllama"
OLDER_MODEL = "text-embedding-3-small"
ROWS = 2400  # from about 1,800 on the index costs less than reading every row
INDEX = "public.cp_knowledge_entries_embedding_idx"


def vector(*numbers: float) -> str:
    """A vector of the columns' size that begins with these numbers."""
    return str([*numbers, *[0.0] * (1536 - len(numbers))])


def at(degrees: float) -> str:
    """Two such vectors are as similar as the cosine of the angle between them."""
    return vector(cos(radians(degrees)), sin(radians(degrees)))


async def add_entry(tx: Tx, owner: Person, embedding: str, **columns: Any) -> UUID:
    row = {
        "user_id": owner.id,
        "category": "insight",
        "speaker": "host",
        "content": "Said",
        "embedding_model": MODEL,
    }
    entry_id = await add(tx, "cp_knowledge_entries", **(row | columns))
    await tx.execute(
        "update public.cp_knowledge_entries set embedding = $2::text::vector where id = $1",
        entry_id,
        embedding,
    )
    return entry_id


async def matches(
    database: Database,
    actor: Actor,
    owner: Person,
    *,
    query: str = at(0),
    threshold: float = 0.5,
    limit: int = 10,
    model: str = MODEL,
) -> Sequence[asyncpg.Record]:
    async with database.acting_as(actor) as tx:
        found: Sequence[asyncpg.Record] = await tx.fetch(
            "select * from public.cp_match_knowledge_entries("
            "$1::text::vector, $2, $3, $4, p_embedding_model => $5)",
            query,
            owner.id,
            threshold,
            limit,
            model,
        )
    return found


class TestEntriesOfAnAccount:
    async def test_come_nearest_first_and_above_the_threshold(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            for degrees in (50, 10, 30, 61):
                await add_entry(tx, owner, at(degrees), content=str(degrees))
        found = await matches(database, owner.actor, owner)
        assert [row["content"] for row in found] == ["10", "30", "50"]
        assert found[0]["similarity"] == pytest.approx(cos(radians(10)), abs=1e-6)
        assert len(await matches(database, owner.actor, owner, limit=2)) == 2

    async def test_are_ranked_by_the_whole_vector(self, database: Database, owner: Person) -> None:
        same_beginning = [1.0, *[0.0] * 255]
        async with database.acting_as(owner.actor) as tx:
            await add_entry(tx, owner, vector(*same_beginning, 1.0), content="farther")
            await add_entry(tx, owner, vector(*same_beginning, 0.1), content="nearer")
        found = await matches(database, owner.actor, owner)
        assert [row["content"] for row in found] == ["nearer", "farther"]

    async def test_are_never_compared_with_another_model(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            await add_entry(tx, owner, at(0), content="ours")
            await add_entry(tx, owner, at(0), content="theirs", embedding_model=OLDER_MODEL)
            # As a client from before there were models to name.
            unnamed = await tx.fetch(
                "select content from public.cp_match_knowledge_entries($1::text::vector, $2)",
                at(0),
                owner.id,
            )
        assert [row["content"] for row in await matches(database, owner.actor, owner)] == ["ours"]
        assert [row["content"] for row in unnamed] == ["theirs"]

    async def test_leave_out_superseded_ones(self, database: Database, owner: Person) -> None:
        async with database.acting_as(owner.actor) as tx:
            newer = await add_entry(tx, owner, at(5), content="newer")
            await add_entry(tx, owner, at(0), content="older", superseded_by=newer)
        found = await matches(database, owner.actor, owner)
        assert [row["content"] for row in found] == ["newer"]

    async def test_a_vector_of_zeros_is_like_nothing(
        self, database: Database, owner: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            await add_entry(tx, owner, at(0))
            await add_entry(tx, owner, vector(0.0))
        assert len(await matches(database, owner.actor, owner)) == 1
        assert await matches(database, owner.actor, owner, query=vector(0.0)) == []

    @pytest.mark.parametrize(
        ("filter_", "content"),
        [
            ("p_knowledge_type => 'how_to'", "how"),
            ("p_topic_slug => 'pricing'", "priced"),
            ("p_min_quality => 4", "good"),
            ("p_since => '2026-01-01'", "recent"),
        ],
    )
    async def test_are_filtered(
        self, database: Database, owner: Person, filter_: str, content: str
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            await add_entry(tx, owner, at(1), content="plain")
            await add_entry(tx, owner, at(2), content="how", knowledge_type="how_to")
            await add_entry(tx, owner, at(3), content="priced", topics=["pricing", "sales"])
            await add_entry(tx, owner, at(4), content="good", quality_score=4)
            await add_entry(tx, owner, at(5), content="recent", source_date=date(2026, 1, 1))
            found = await tx.fetch(
                "select content from public.cp_match_knowledge_entries_v2("
                f"$1, $2, p_embedding_model => $3, {filter_})",
                at(0),
                owner.id,
                MODEL,
            )
        assert [row["content"] for row in found] == [content]

    async def test_show_to_nobody_else(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        async with database.acting_as(owner.actor) as tx:
            await add_entry(tx, owner, at(0))
        assert len(await matches(database, owner.through(Writer.MAGNETLAB), owner)) == 1
        assert len(await matches(database, Root(), owner)) == 1
        assert await matches(database, stranger.actor, owner) == []
        assert await matches(database, stranger.through(Writer.MAGNETLAB), owner) == []
        for actor in (Visitor(), owner.through(Writer.GTM_SYSTEM)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await matches(database, actor, owner)


class TestEntriesOfATeam:
    async def test_those_of_the_named_profile_count_double(
        self, database: Database, people: People, owner: Person, stranger: Person
    ) -> None:
        member = await people.user()
        team_id = await people.team(owner, member)
        searched = (
            "select content, knowledge_type, similarity"
            " from public.cp_match_team_knowledge_entries("
            "$1, $2, $3, threshold => 0.5, match_count => 3, p_embedding_model => $4)"
        )
        async with database.acting_as(member.actor) as tx:
            profile_id: UUID = await tx.fetchval(
                "select id from public.team_profiles where user_id = $1", member.id
            )
            for degrees in (1, 2, 3, 4):
                await add_entry(tx, member, at(degrees), content=str(degrees), team_id=team_id)
            own = {"team_id": team_id, "source_profile_id": profile_id, "knowledge_type": "story"}
            await add_entry(tx, member, at(55), content="own", **own)
            await add_entry(tx, member, at(61), content="too far", **own)
        async with database.acting_as(owner.actor) as tx:
            found = await tx.fetch(searched, at(0), team_id, profile_id, MODEL)
            plain = await tx.fetch(searched, at(0), team_id, None, MODEL)
        assert [row["content"] for row in found] == ["own", "1", "2"]
        assert (found[0]["similarity"], found[0]["knowledge_type"]) == (1, "story")
        assert [row["content"] for row in plain] == ["1", "2", "3"]
        async with database.acting_as(stranger.actor) as tx:
            assert await tx.fetch(searched, at(0), team_id, profile_id, MODEL) == []


class TestTemplates:
    async def test_are_ones_own_and_global_ones_in_use(
        self, database: Database, owner: Person, stranger: Person
    ) -> None:
        model = uuid4().hex
        async with database.acting_as(Root()) as tx:
            await tx.executemany(
                "insert into public.cp_post_templates"
                " (user_id, name, structure, is_global, is_active, embedding, embedding_model)"
                " values ($1, $2, '[HOOK]', $3, $4, $5::text::vector, $6)",
                [
                    (owner.id, "own", False, True, at(20), model),
                    (None, "global", True, True, at(10), model),
                    (None, "retired", True, False, at(0), model),
                    (owner.id, "far", False, True, at(80), model),
                    (stranger.id, "foreign", False, True, at(0), model),
                ],
            )
        searched = (
            "select name from public.cp_match_templates("
            "$1::text::vector, $2, p_embedding_model => $3)"
        )
        for actor in (owner.actor, owner.through(Writer.MAGNETLAB)):
            async with database.acting_as(actor) as tx:
                found = await tx.fetch(searched, at(0), owner.id, model)
                foreign = await tx.fetch(searched, at(0), stranger.id, model)
            assert [row["name"] for row in found] == ["global", "own"]
            assert [row["name"] for row in foreign] == ["global"]


class TestPlaybook:
    async def test_files_are_matched_for_services_alone(
        self, database: Database, owner: Person
    ) -> None:
        path, model = f"sops/{uuid4().hex}.md", uuid4().hex
        searched = "select file_path from public.cp_match_sop_embeddings($1, 0.6, 5, $2)"
        async with database.acting_as(owner.through(Writer.MAGNETLAB)) as tx:
            await tx.execute(
                "insert into public.cp_sop_embeddings"
                " (file_path, content_hash, embedding, embedding_model)"
                " values ($1, 'hash', $2::text::vector, $3)",
                path,
                at(30),
                model,
            )
            assert await tx.fetchval(searched, at(0), model) == path
            assert await tx.fetch(searched, at(90), model) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.acting_as(owner.actor) as tx:
                await tx.fetch(searched, at(0), model)


class TestIndex:
    async def test_serves_the_search_of_somebody_with_many_entries(
        self, fresh_database: Database, fresh_database_url: str
    ) -> None:
        made = People(fresh_database)
        many, few = await made.user(), await made.user()
        administrator = await asyncpg.connect(fresh_database_url)
        try:
            await _fill(administrator, many, few)
        finally:
            await administrator.close()

        async with fresh_database.acting_as(many.actor) as tx:
            plan = await tx.fetchval(
                "explain (format json) select id from public.cp_knowledge_entries"
                " where embedding_model = $2"
                " order by platform.head_distance(embedding, $1::text::vector) limit 100",
                at(0),
                MODEL,
            )
            assert plan[0]["Plan"]["Plans"][-1]["Index Name"] == INDEX.partition(".")[2]
            found = await tx.fetch(_SEARCH, at(0), many.id, MODEL)
            scans = await tx.fetchval("select pg_stat_get_xact_numscans($1::text::regclass)", INDEX)
        assert len(found) == 10
        assert scans == 1

        # Even if nothing but the index were left, the filters do not starve the result.
        async with fresh_database.acting_as(few.actor) as tx:
            await tx.execute(
                "set local enable_seqscan = off; set local enable_bitmapscan = off;"
                " set local enable_sort = off"
            )
            found = await tx.fetch(_SEARCH, at(0), few.id, MODEL)
        assert len(found) == 10


_SEARCH = (
    "select id from public.cp_match_knowledge_entries("
    "$1::text::vector, $2, threshold => -1, p_embedding_model => $3)"
)


async def _fill(administrator: asyncpg.Connection, many: Person, few: Person) -> None:
    """Give one account nearly all entries and another ten, spread among them."""
    await administrator.execute(
        "insert into public.cp_knowledge_entries"
        " (user_id, category, speaker, content, embedding, embedding_model)"
        " select case when number % ($3 / 10) = 0 then $2::uuid else $1::uuid end,"
        "  'insight', 'host', number::text, made.numbers::vector, $4"
        " from generate_series(1, $3) as number cross join lateral ("
        "  select array_agg(sin(number * place)) || array_fill(0::float8, array[1280]) as numbers"
        "  from generate_series(1, 256) as place"
        " ) as made",
        many.id,
        few.id,
        ROWS,
        MODEL,
    )
    await administrator.execute("analyze public.cp_knowledge_entries")
