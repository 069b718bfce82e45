"""The schema `storage`: as Supabase has it, made only where it is missing."""

import asyncpg
import pytest

from lodestone.platform import migrations
from lodestone.platform.actors import Root, User
from lodestone.platform.database import Database
from lodestone.storage import queries
from lodestone.storage.models import ListOptions
from tests.people import Person

# What a Supabase project has before us, in short: its tables, its helpers, and another owner.
SUPABASE = """
create schema storage;
create type storage.buckettype as enum ('STANDARD', 'ANALYTICS', 'VECTOR');
create table storage.buckets (
    id text primary key, name text not null, owner uuid, created_at timestamptz default now(),
    updated_at timestamptz default now(), public boolean default false,
    avif_autodetection boolean default false, file_size_limit bigint, allowed_mime_types text[],
    owner_id text, type storage.buckettype not null default 'STANDARD'
);
create unique index bname on storage.buckets (name);
create table storage.objects (
    id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets (id),
    name text, owner uuid, created_at timestamptz default now(),
    updated_at timestamptz default now(),
    last_accessed_at timestamptz default now(), metadata jsonb,
    path_tokens text[] generated always as (string_to_array(name, '/')) stored,
    version text, owner_id text, user_metadata jsonb
);
create unique index bucketid_objname on storage.objects (bucket_id, name);
alter table storage.buckets enable row level security;
alter table storage.objects enable row level security;
create function storage.foldername(name text) returns text[] language sql immutable
    as $$ select (string_to_array(name, '/'))[1:cardinality(string_to_array(name, '/')) - 1] $$;
comment on function storage.foldername(text) is 'theirs';
insert into storage.buckets (id, name) values ('avatars', 'avatars'), ('files', 'files');
insert into storage.objects (bucket_id, name, version) values ('avatars', 'a/b.png', 'theirs');
create policy everybody on storage.objects for select to public using (bucket_id = 'avatars');
"""


async def test_what_supabase_has_is_left_as_it_is(blank_database_url: str) -> None:
    connection = await asyncpg.connect(blank_database_url)
    await connection.execute(SUPABASE)
    await migrations.apply(blank_database_url)
    kept = await connection.fetchrow("select bucket_id, version from storage.objects")
    assert kept is not None
    assert tuple(kept) == ("avatars", "theirs")
    assert (
        await connection.fetchval(
            "select obj_description('storage.foldername(text)'::regprocedure)"
        )
        == "theirs"
    )
    policies = await connection.fetch(
        "select policyname from pg_policies where schemaname = 'storage' and tablename = 'objects'"
    )
    assert {"everybody", "folders_select"} <= {row[0] for row in policies}
    buckets = await connection.fetch("select id from storage.buckets order by id")
    assert [row[0] for row in buckets] == ["assets", "avatars", "files"]
    await connection.close()


@pytest.mark.parametrize(
    ("name", "folders", "file", "extension"),
    [
        ("a/b/c.tar.gz", ["a", "b"], "c.tar.gz", "gz"),
        ("plain.txt", [], "plain.txt", "txt"),
        ("a/none", ["a"], "none", "none"),
    ],
)
async def test_names_are_taken_apart_as_in_supabase(
    database: Database, name: str, folders: list[str], file: str, extension: str
) -> None:
    async with database.acting_as(Root()) as tx:
        row = await tx.fetchrow(
            "select storage.foldername($1), storage.filename($1), storage.extension($1)", name
        )
    assert row is not None
    assert tuple(row) == (folders, file, extension)


@pytest.mark.parametrize(
    "statement",
    [
        "insert into storage.buckets (id, name) values ('mine', 'mine')",
        "update storage.buckets set public = true",
        "delete from storage.buckets",
        "insert into access.bucket_folders (bucket_id) values ('mine')",
        "insert into storage.objects (bucket_id, name) values ('files', 'somebody/x')",
        "insert into storage.objects (bucket_id, name) values ('files', 'x')",
    ],
)
async def test_people_change_no_buckets_and_no_files_of_others(
    database: Database, ada: Person, statement: str
) -> None:
    try:
        async with database.acting_as(User(ada.id)) as tx:
            done = await tx.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return
    assert done.endswith(" 0")


async def test_a_listing_steps_from_folder_to_folder(database: Database, ada: Person) -> None:
    async with database.acting_as(Root()) as tx:
        await tx.execute(
            "insert into storage.objects (bucket_id, name, version)"
            " select 'files', format('%s/many/%s/%s.txt', $1::uuid, n % 3, n), ''"
            " from generate_series(1, 3000) as n",
            ada.id,
        )
    async with database.acting_as(User(ada.id)) as tx:
        found = await queries.list_level(
            tx, bucket_id="files", options=ListOptions(prefix=f"{ada.id}/many/")
        )
    assert [each.name for each in found] == ["0", "1", "2"]
    assert all(each.id is None for each in found)
