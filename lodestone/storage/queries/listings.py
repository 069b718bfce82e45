"""The SQL of folders: what lies in them, page by page."""

from lodestone.platform.database import Tx
from lodestone.storage.models import ListedEntry, ListOptions

_DIRECTION = {False: "asc", True: "desc"}

# A folder's entries, one step of the index each, however much lies below them: after "a/b" comes
# what follows "a/", and "0" is the character after the slash.
_WALK = """
with recursive walk as (
    (
        select o.name from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" >= $2 and o.name collate "C" < $3
        order by o.name collate "C" limit 1
    )
    union all
    select (
        select o.name from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" < $3
            and o.name collate "C" >= case
                when strpos(substr(w.name, $4), '/') > 0
                then left(w.name, $4 + strpos(substr(w.name, $4), '/') - 2) || '0'
                else w.name || chr(1)
            end
        order by o.name collate "C" limit 1
    )
    from walk as w
    where w.name is not null
), entries as (
    select
        w.name as whole, strpos(substr(w.name, $4), '/') > 0 as is_folder,
        split_part(substr(w.name, $4), '/', 1) as segment
    from walk as w
    where w.name is not null
)
"""

_LEVEL_ORDER = {
    "name": 'e.segment collate "C"',
    "created_at": "o.created_at",
    "updated_at": "o.updated_at",
    "last_accessed_at": "o.last_accessed_at",
}
_FLAT_ORDER = {
    "name": 'o.name collate "C"',
    "created_at": "o.created_at",
    "updated_at": "o.updated_at",
}
LEVEL_SORTS = tuple(_LEVEL_ORDER)
FLAT_SORTS = tuple(_FLAT_ORDER)


async def list_level(tx: Tx, *, bucket_id: str, options: ListOptions) -> list[ListedEntry]:
    """Return what lies directly below a prefix, folders first."""
    rows = await tx.fetch(
        f"""{_WALK}
        select
            e.segment as name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from entries as e
        left join storage.objects as o
            on o.bucket_id = $1 and o.name = e.whole and not e.is_folder
        where $5 = '' or starts_with(lower(e.segment), lower($5))
        order by
            e.is_folder desc, {_LEVEL_ORDER[options.sort]} {_DIRECTION[options.descending]},
            e.segment collate "C" {_DIRECTION[options.descending]}
        limit $6 offset $7
        """,
        bucket_id,
        *_range(options.prefix),
        len(options.prefix) + 1,
        options.search,
        options.limit,
        options.offset,
    )
    return [ListedEntry(**row) for row in rows]


async def list_level_after(
    tx: Tx, *, bucket_id: str, prefix: str, after: str, limit: int
) -> list[ListedEntry]:
    """Return what lies directly below a prefix, by name, from where a page ended."""
    start, end = _range(prefix)
    # A folder's name ends in a slash: what follows it starts with the character after.
    beyond = f"{after[:-1]}0" if after.endswith("/") else f"{after}\x01"
    rows = await tx.fetch(
        f"""{_WALK}, page as (select * from entries limit $5)
        select
            case when e.is_folder then left(e.whole, $4 + length(e.segment)) else e.whole end
                as name,
            o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from page as e
        left join storage.objects as o
            on o.bucket_id = $1 and o.name = e.whole and not e.is_folder
        order by e.whole collate "C"
        """,
        bucket_id,
        max(start, beyond) if after else start,
        end,
        len(prefix) + 1,
        limit,
    )
    return [ListedEntry(**row) for row in rows]


async def list_flat_after(
    tx: Tx, *, bucket_id: str, prefix: str, after: str, limit: int
) -> list[ListedEntry]:
    """Return all objects below a prefix by their whole names, from where a page ended."""
    rows = await tx.fetch(
        """
        select o.name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" > $2 and o.name collate "C" < $3
        order by o.name collate "C"
        limit $4
        """,
        bucket_id,
        after,
        _range(prefix)[1],
        limit,
    )
    return [ListedEntry(**row) for row in rows]


async def list_flat(tx: Tx, *, bucket_id: str, options: ListOptions) -> list[ListedEntry]:
    """Return all objects below a prefix by their whole names, at any depth."""
    rows = await tx.fetch(
        f"""
        select o.name, o.id, o.created_at, o.updated_at, o.last_accessed_at, o.metadata
        from storage.objects as o
        where o.bucket_id = $1 and o.name collate "C" >= $2 and o.name collate "C" < $3
        order by
            {_FLAT_ORDER[options.sort]} {_DIRECTION[options.descending]},
            o.name collate "C" {_DIRECTION[options.descending]}
        limit $4 offset $5
        """,
        bucket_id,
        *_range(options.prefix),
        options.limit,
        options.offset,
    )
    return [ListedEntry(**row) for row in rows]


def _range(prefix: str) -> tuple[str, str]:
    """Return the first name below a prefix and the first after, in the order of bytes."""
    return prefix, f"{prefix}\U0010ffff"
