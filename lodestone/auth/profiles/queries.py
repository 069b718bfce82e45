"""The SQL of people's own settings."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx, fetch_one


async def get_profile(tx: Tx, *, user_id: UUID) -> Record:
    return await fetch_one(
        tx,
        """
        select id as user_id, email, email_verified_at, name, username, avatar_url,
            password_hash is not null as has_password
        from public.users where id = $1
        """,
        user_id,
    )


async def get_defaults(tx: Tx, *, user_id: UUID) -> Record:
    return await fetch_one(
        tx,
        """
        select default_theme, default_primary_color, default_background_style, default_logo_url,
            default_vsl_url, default_funnel_template
        from public.users where id = $1
        """,
        user_id,
    )


async def update_defaults(tx: Tx, *, user_id: UUID, values: Mapping[str, Any]) -> None:
    """Write what the values hold, nulls too, and leave everything else."""
    await tx.execute(
        """
        update public.users as u set
            default_theme = given.default_theme,
            default_primary_color = given.default_primary_color,
            default_background_style = given.default_background_style,
            default_logo_url = given.default_logo_url,
            default_vsl_url = given.default_vsl_url,
            default_funnel_template = given.default_funnel_template
        from public.users as mine,
            lateral jsonb_to_record(jsonb_build_object(
                'default_theme', mine.default_theme,
                'default_primary_color', mine.default_primary_color,
                'default_background_style', mine.default_background_style,
                'default_logo_url', mine.default_logo_url,
                'default_vsl_url', mine.default_vsl_url,
                'default_funnel_template', mine.default_funnel_template
            ) || $2::jsonb) as given (
                default_theme text, default_primary_color text, default_background_style text,
                default_logo_url text, default_vsl_url text, default_funnel_template text)
        where u.id = $1 and mine.id = u.id
        """,
        user_id,
        dict(values),
    )


async def list_former_usernames(tx: Tx, *, user_id: UUID) -> list[Record]:
    return await tx.fetch(
        """
        select username, created_at from public.former_usernames
        where user_id = $1
        order by created_at desc, username
        """,
        user_id,
    )


async def delete_former_username(tx: Tx, *, user_id: UUID, username: str) -> bool:
    """Return whether there was one."""
    done = await tx.execute(
        "delete from public.former_usernames where user_id = $1 and username = lower($2)",
        user_id,
        username,
    )
    return done != "DELETE 0"


async def find_current_username(tx: Tx, *, former: str) -> str | None:
    found: str | None = await tx.fetchval("select platform.find_current_username($1)", former)
    return found


async def upsert_avatar(
    tx: Tx, *, user_id: UUID, content_type: str, body: bytes, version: str, url: str
) -> None:
    await tx.execute(
        """
        with kept as (
            insert into public.user_avatars (user_id, content_type, body, version)
            values ($1, $2, $3, $4)
            on conflict (user_id) do update set
                content_type = excluded.content_type, body = excluded.body,
                version = excluded.version
        )
        update public.users set avatar_url = $5 where id = $1
        """,
        user_id,
        content_type,
        body,
        version,
        url,
    )


async def delete_avatar(tx: Tx, *, user_id: UUID) -> None:
    await tx.execute(
        """
        with gone as (delete from public.user_avatars where user_id = $1)
        update public.users set avatar_url = null where id = $1
        """,
        user_id,
    )


async def find_avatar(tx: Tx, *, user_id: UUID) -> Record | None:
    return await tx.fetchrow(
        "select content_type, body, version from public.user_avatars where user_id = $1", user_id
    )
