"""The SQL of the registry and of the log of calls."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx


async def find_active_prompt(tx: Tx, *, slug: str) -> Record | None:
    """Find the text that replaces the shipped one, with its newest version's number."""
    return await tx.fetchrow(
        """
        select t.system_prompt, t.user_prompt, t.model, t.temperature, t.max_tokens,
            (select max(v.version) from ai_prompt_versions as v where v.prompt_id = t.id) as version
        from ai_prompt_templates as t
        where t.slug = $1 and t.is_active
        """,
        slug,
    )


async def insert_prompt(
    tx: Tx,
    *,
    slug: str,
    name: str,
    category: str,
    description: str,
    system: str,
    user: str,
    model: str,
    temperature: float,
    max_tokens: int,
    variables: list[dict[str, str]],
) -> None:
    """Insert a shipped prompt, inactive, with version 1; one that is there stays as it is."""
    await tx.execute(
        """
        with added as (
            insert into ai_prompt_templates (
                slug, name, category, description, system_prompt, user_prompt, model, temperature,
                max_tokens, variables
            )
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (slug) do nothing
            returning *
        )
        insert into ai_prompt_versions (
            prompt_id, version, system_prompt, user_prompt, model, temperature, max_tokens,
            variables, change_note, changed_by
        )
        select id, 1, system_prompt, user_prompt, model, temperature, max_tokens, variables,
            'As shipped', 'system'
        from added
        """,
        slug,
        name,
        category,
        description,
        system,
        user,
        model,
        temperature,
        max_tokens,
        variables,
    )


async def insert_usage(
    tx: Tx,
    *,
    tenant_id: UUID | None,
    source: str,
    caller: str,
    model: str,
    input_tokens: int,
    output_tokens: int,
    cache_read_tokens: int,
    cache_creation_tokens: int,
    cents: Decimal,
    duration_ms: int,
    metadata: Mapping[str, Any],
) -> None:
    """Log one call of a model or of a rule."""
    await tx.execute(
        """
        insert into ai_usage_logs (
            tenant_id, source, caller, model, input_tokens, output_tokens, cache_read_tokens,
            cache_creation_tokens, estimated_cost_cents, duration_ms, metadata
        )
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        tenant_id,
        source,
        caller,
        model,
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_creation_tokens,
        cents,
        duration_ms,
        dict(metadata),
    )
