"""What is asked of the data API and its peers, in the language of each, on the data of `desk.sql`.

PostGraphile acts as the same person under the same policies. Directus knows none of them: it is
asked as its administrator for that person's rows, so that it has nothing to check.
"""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

BULK = 1_000
LISTED = 20
FOUND = 10
DIMENSIONS = 256


@dataclass(frozen=True)
class Question:
    """One request: a GET, or a POST where there is a body."""

    path: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Desk:
    """Whose rows, and the one that is asked for."""

    user_id: UUID
    project_id: UUID
    task_id: UUID


NAMES = (
    "list of 20",
    "embedded list, 3 levels",
    "single row",
    "insert",
    f"insert of {BULK:,}",
    "vector search",
)
WRITES = frozenset({"insert", f"insert of {BULK:,}"})


def of_the_data_api(desk: Desk) -> dict[str, Question]:
    """Return the questions as supabase-js puts them."""
    single = {"accept": "application/vnd.pgrst.object+json"}
    written = {"content-type": "application/json", "prefer": "return=representation"}
    task = {"project_id": str(desk.project_id), "title": "A task", "details": {"effort": 1}}
    vector = random.Random(1).choices(range(-99, 100), k=DIMENSIONS)
    sought = {"query_embedding": str(vector).replace(" ", ""), "match_count": FOUND}
    rest = "/rest/v1"
    recent = f"order=created_at.desc&limit={LISTED}"
    nested = quote("id,name,desk_tasks(id,title,desk_comments(id,body))")
    return dict(
        zip(
            NAMES,
            (
                Question(f"{rest}/desk_tasks?select=id,title,details,created_at&{recent}"),
                Question(f"{rest}/desk_projects?select={nested}&{recent}"),
                Question(
                    f"{rest}/desk_tasks?select=id,title,details,created_at&id=eq.{desk.task_id}",
                    headers=single,
                ),
                Question(f"{rest}/desk_tasks?select=id", json.dumps(task), {**written, **single}),
                Question(f"{rest}/desk_tasks?select=id", json.dumps([task] * BULK), written),
                Question(
                    f"{rest}/rpc/match_desk_notes",
                    json.dumps(sought),
                    {"content-type": "application/json"},
                ),
            ),
            strict=True,
        )
    )


def of_postgraphile(desk: Desk) -> dict[str, Question]:
    """Return the questions as GraphQL; it leaves out functions that take vectors."""
    columns = "rowId title details createdAt"
    comments = "deskCommentsByTaskId { nodes { rowId body } }"
    tasks = f"deskTasksByProjectId {{ nodes {{ rowId title {comments} }} }}"
    page = f"first: {LISTED}, orderBy: CREATED_AT_DESC"
    insert = (
        f'createDeskTask(input: {{deskTask: {{projectId: "{desk.project_id}", title: "A task",'
        " details: {effort: 1}}}) { deskTask { rowId } }"
    )
    several = " ".join(f"a{number}: {insert}" for number in range(BULK))
    queries = (
        f"{{ allDeskTasks({page}) {{ nodes {{ {columns} }} }} }}",
        f"{{ allDeskProjects({page}) {{ nodes {{ rowId name {tasks} }} }} }}",
        f'{{ deskTaskByRowId(rowId: "{desk.task_id}") {{ {columns} }} }}',
        f"mutation {{ {insert} }}",
        f"mutation {{ {several} }}",
    )
    headers = {"content-type": "application/json"}
    return {
        name: Question("/graphql", json.dumps({"query": query}), headers)
        for name, query in zip(NAMES[:-1], queries, strict=True)
    }


def of_directus(desk: Desk, token: str) -> dict[str, Question]:
    """Return the questions as Directus is asked; it calls no functions."""
    headers = {"authorization": f"Bearer {token}"}
    written = {**headers, "content-type": "application/json"}
    task = {
        "project_id": str(desk.project_id),
        "user_id": str(desk.user_id),
        "title": "A task",
        "details": {"effort": 1},
    }
    page = f"limit={LISTED}&sort=-created_at&filter[user_id][_eq]={desk.user_id}"
    columns = "fields=id,title,details,created_at"
    nested = "fields=id,name,tasks.id,tasks.title,tasks.comments.id,tasks.comments.body"
    questions = (
        Question(f"/items/desk_tasks?{columns}&{page}", headers=headers),
        Question(f"/items/desk_projects?{nested}&{page}", headers=headers),
        Question(f"/items/desk_tasks/{desk.task_id}?{columns}", headers=headers),
        Question("/items/desk_tasks?fields=id", json.dumps(task), written),
        Question("/items/desk_tasks?fields=id", json.dumps([task] * BULK), written),
    )
    return dict(zip(NAMES[:-1], questions, strict=True))
