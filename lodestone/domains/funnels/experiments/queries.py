"""The SQL of experiments, their arms, and who was shown which."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from lodestone.platform.database import Tx
from lodestone.platform.errors import NotFound

_EXPERIMENT = """
    select
        e.id, e.funnel_page_id, e.name, e.status, e.test_field, e.goal, e.min_sample_size,
        e.expected_lift, e.significance, e.winning_variant_id, e.started_at, e.completed_at,
        e.created_at, f.team_id, coalesce(t.owner_id, f.user_id) as acting_user_id,
        f.optin_headline as page_headline, '/p/' || u.username || '/' || f.slug as page_path,
        coalesce(f.is_published, false) as is_published
    from ab_experiments as e
    join funnel_pages as f on f.id = e.funnel_page_id
    left join users as u on u.id = f.user_id
    left join teams as t on t.id = f.team_id
    where e.id = $1
"""

# Whether an exposure became a success; the lead's row may have gone since.
_SUCCEEDED = """
    case e.goal
        when 'optin' then x.funnel_lead_id is not null
        when 'answered' then l.answered_at is not null
        when 'booked' then l.booked_at is not null
        when 'revenue' then coalesce(l.revenue_cents > 0, false)
        else coalesce(l.is_qualified, false)
    end
"""


async def insert_experiment(
    tx: Tx,
    *,
    funnel_page_id: UUID,
    user_id: UUID,
    name: str,
    test_field: str,
    goal: str,
    min_sample_size: int,
    expected_lift: float,
) -> UUID | None:
    """Insert a draft; None when the page has an unfinished experiment."""
    identifier: UUID | None = await tx.fetchval(
        """
        insert into ab_experiments (
            funnel_page_id, user_id, name, test_field, goal, min_sample_size, expected_lift
        )
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict do nothing
        returning id
        """,
        funnel_page_id,
        user_id,
        name,
        test_field,
        goal,
        min_sample_size,
        expected_lift,
    )
    return identifier


async def insert_variants(
    tx: Tx, *, experiment_id: UUID, labels: Sequence[str], values: Sequence[str | None]
) -> None:
    """Insert the arms in their order."""
    await tx.execute(
        """
        insert into ab_experiment_variants (experiment_id, position, label, value)
        select $1, g.position - 1, g.label, g.value
        from unnest($2::text[], $3::text[]) with ordinality as g (label, value, position)
        """,
        experiment_id,
        labels,
        values,
    )


async def get_experiment(tx: Tx, *, experiment_id: UUID) -> Record:
    """Return an experiment with its page. Raises NotFound when it is invisible."""
    row = await tx.fetchrow(_EXPERIMENT, experiment_id)
    if row is None:
        raise NotFound("There is no such experiment.")
    return row


async def lock_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Let nobody else move it until the transaction ends. Raises NotFound when it is invisible."""
    found = await tx.fetchval(
        "select id from ab_experiments where id = $1 for update", experiment_id
    )
    if found is None:
        raise NotFound("There is no such experiment.")


async def lock_running(tx: Tx, *, experiment_id: UUID) -> bool:
    """Let nobody else move it until the transaction ends; False when it does not run any more."""
    found = await tx.fetchval(
        "select id from ab_experiments where id = $1 and status = 'running' for update",
        experiment_id,
    )
    return found is not None


async def list_experiments(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    funnel_page_id: UUID | None,
    search: str | None,
    status: str | None,
    limit: int,
    offset: int,
) -> list[Record]:
    """List a workspace's experiments, newest first, with the visitors of their smallest arm."""
    return await tx.fetch(
        """
        select
            e.id, e.name, e.status, e.test_field, e.goal, f.optin_headline as page_headline,
            e.min_sample_size, e.started_at, e.created_at, (
                select coalesce(min(c.views), 0)::integer
                from (
                    select count(x.visitor_hash) as views
                    from ab_experiment_variants as v
                    left join ab_experiment_exposures as x on x.variant_id = v.id
                    where v.experiment_id = e.id
                    group by v.id
                ) as c
            ) as fewest_views
        from ab_experiments as e
        join funnel_pages as f on f.id = e.funnel_page_id
        where (f.team_id = $1 or (f.team_id is null and f.user_id = $2))
            and ($3::uuid is null or f.id = $3)
            and ($4::text is null or e.name ilike '%' || $4 || '%')
            and ($5::text is null or e.status = $5)
        order by e.created_at desc, e.id
        limit $6 offset $7
        """,
        team_id,
        author_id,
        funnel_page_id,
        search,
        status,
        limit,
        offset,
    )


async def count_experiments(
    tx: Tx,
    *,
    team_id: UUID | None,
    author_id: UUID | None,
    funnel_page_id: UUID | None,
    search: str | None,
    status: str | None,
) -> int:
    """Count what `list_experiments` would list without its limit."""
    count: int = await tx.fetchval(
        """
        select count(*)
        from ab_experiments as e
        join funnel_pages as f on f.id = e.funnel_page_id
        where (f.team_id = $1 or (f.team_id is null and f.user_id = $2))
            and ($3::uuid is null or f.id = $3)
            and ($4::text is null or e.name ilike '%' || $4 || '%')
            and ($5::text is null or e.status = $5)
        """,
        team_id,
        author_id,
        funnel_page_id,
        search,
        status,
    )
    return count


async def list_variants(
    tx: Tx, *, experiment_id: UUID, until: datetime | None = None
) -> list[Record]:
    """Return the arms in order, with visitors first shown them before `until`, and successes."""
    return await tx.fetch(
        f"""
        select
            v.id, v.position, v.label, v.value,
            count(x.visitor_hash) as views,
            count(x.visitor_hash) filter (where {_SUCCEEDED}) as successes,
            coalesce(sum(l.revenue_cents), 0)::bigint as revenue_cents
        from ab_experiment_variants as v
        join ab_experiments as e on e.id = v.experiment_id
        left join ab_experiment_exposures as x
            on x.variant_id = v.id and ($2::timestamptz is null or x.exposed_at < $2)
        left join funnel_leads as l on l.id = x.funnel_lead_id
        where v.experiment_id = $1
        group by v.id
        order by v.position
        """,
        experiment_id,
        until,
    )


async def list_arm_days(tx: Tx, *, experiment_id: UUID) -> list[Record]:
    """Return visitors and successes by arm and day (UTC) of the first time, oldest first."""
    return await tx.fetch(
        f"""
        select
            x.variant_id, (x.exposed_at at time zone 'utc')::date as day,
            count(*) as views, count(*) filter (where {_SUCCEEDED}) as successes
        from ab_experiment_exposures as x
        join ab_experiments as e on e.id = x.experiment_id
        left join funnel_leads as l on l.id = x.funnel_lead_id
        where x.experiment_id = $1
        group by 1, 2
        order by 2, 1
        """,
        experiment_id,
    )


async def get_traffic(tx: Tx, *, funnel_page_id: UUID, metric: str, goal: str, days: int) -> Record:
    """Return visitors of a page and successes among its leads in the last days."""
    row = await tx.fetchrow(
        """
        with since as (
            select (now() at time zone 'utc')::date - ($4::integer - 1) as day
        ), counted as (
            select c.metric, sum(c.amount) as amount
            from since
            join funnel_page_counts as c on c.funnel_page_id = $1 and c.day >= since.day
            where c.metric in ($2, 'lead')
            group by c.metric
        )
        select
            case $2
                when 'qualified' then (
                    select count(*) from since
                    join funnel_leads as l
                        on l.funnel_page_id = $1 and l.is_qualified
                        and l.created_at >= since.day::timestamp at time zone 'utc'
                )
                else coalesce((select c.amount from counted as c where c.metric = $2), 0)
            end as views,
            coalesce(case $3
                when 'optin' then (select c.amount from counted as c where c.metric = 'lead')
                else (
                    select count(*) from since
                    join funnel_leads as l
                        on l.funnel_page_id = $1
                        and l.created_at >= since.day::timestamp at time zone 'utc'
                    where case $3
                        when 'answered' then l.answered_at is not null
                        when 'booked' then l.booked_at is not null
                        when 'revenue' then l.revenue_cents > 0
                        else l.is_qualified
                    end
                )
            end, 0) as successes
        """,
        funnel_page_id,
        metric,
        goal,
        days,
    )
    if row is None:
        raise LookupError("an aggregate always answers with a row")
    return row


async def get_page_value(tx: Tx, *, funnel_page_id: UUID, column: str) -> str | None:
    """Return a field of a page. Raises NotFound when the page is invisible."""
    row = await tx.fetchrow(
        "select to_jsonb(f) ->> $2 as value from funnel_pages as f where f.id = $1",
        funnel_page_id,
        column,
    )
    if row is None:
        raise NotFound("There is no such funnel.")
    value: str | None = row["value"]
    return value


async def update_page_value(
    tx: Tx, *, funnel_page_id: UUID, column: str, value: str | None
) -> None:
    """Write one field of a page that may be tested."""
    await tx.execute(
        """
        update funnel_pages as f set
            optin_headline = r.optin_headline, optin_subline = r.optin_subline,
            optin_button_text = r.optin_button_text, thankyou_headline = r.thankyou_headline,
            thankyou_subline = r.thankyou_subline, vsl_url = r.vsl_url,
            qualification_pass_message = r.qualification_pass_message
        from funnel_pages as g
        cross join lateral jsonb_populate_record(g, jsonb_build_object($2::text, $3::text)) as r
        where f.id = $1 and g.id = $1
        """,
        funnel_page_id,
        column,
        value,
    )


async def update_control_value(tx: Tx, *, experiment_id: UUID, value: str | None) -> None:
    """Write what the page shows now as arm 0, before the start."""
    await tx.execute(
        "update ab_experiment_variants set value = $2 where experiment_id = $1 and position = 0",
        experiment_id,
        value,
    )


async def update_plan(tx: Tx, *, experiment_id: UUID, min_sample_size: int) -> None:
    """Write the planned visitors per arm. Raises NotFound when it is invisible."""
    found = await tx.fetchval(
        "update ab_experiments set min_sample_size = $2 where id = $1 returning id",
        experiment_id,
        min_sample_size,
    )
    if found is None:
        raise NotFound("There is no such experiment.")


async def set_status(tx: Tx, *, experiment_id: UUID, status: str) -> None:
    """Move an experiment on; the first start keeps its time."""
    await tx.execute(
        """
        update ab_experiments set
            status = $2,
            started_at = coalesce(started_at, case when $2 = 'running' then now() end)
        where id = $1
        """,
        experiment_id,
        status,
    )


async def complete_experiment(
    tx: Tx, *, experiment_id: UUID, winning_variant_id: UUID | None, significance: float | None
) -> None:
    """End an experiment with what it found."""
    await tx.execute(
        """
        update ab_experiments set
            status = 'completed', winning_variant_id = $2, significance = $3, completed_at = now()
        where id = $1
        """,
        experiment_id,
        winning_variant_id,
        significance,
    )


async def delete_experiment(tx: Tx, *, experiment_id: UUID) -> None:
    """Delete an experiment with its arms. Raises NotFound when it is invisible."""
    found = await tx.fetchval(
        "delete from ab_experiments where id = $1 returning id", experiment_id
    )
    if found is None:
        raise NotFound("There is no such experiment.")


async def list_running(tx: Tx) -> list[Record]:
    """List the experiments that run, with the person for whom the service acts on their page."""
    return await tx.fetch(
        """
        select e.id, coalesce(t.owner_id, f.user_id) as acting_user_id
        from ab_experiments as e
        join funnel_pages as f on f.id = e.funnel_page_id
        left join teams as t on t.id = f.team_id
        where e.status = 'running'
        order by e.started_at, e.id
        """
    )


async def insert_exposure(
    tx: Tx, *, experiment_id: UUID, variant_id: UUID, visitor_hash: str
) -> bool:
    """Note that a visitor was shown an arm while it runs; False when that is known already."""
    found = await tx.fetchval(
        """
        insert into ab_experiment_exposures (experiment_id, visitor_hash, variant_id)
        select e.id, $3, $2 from ab_experiments as e where e.id = $1 and e.status = 'running'
        on conflict do nothing
        returning true
        """,
        experiment_id,
        variant_id,
        visitor_hash,
    )
    return found is not None


async def keep_lead_of_exposure(
    tx: Tx, *, experiment_id: UUID, variant_id: UUID, visitor_hash: str, lead_id: UUID
) -> bool:
    """Note the lead that a visitor is, with the exposure when it is new; the first lead stays.

    Also on the lead itself. Returns whether the exposure was new.
    """
    is_new: bool | None = await tx.fetchval(
        """
        with exposed as (
            insert into ab_experiment_exposures as x (
                experiment_id, visitor_hash, variant_id, funnel_lead_id
            )
            select e.id, $3, $2, l.id
            from ab_experiments as e
            join funnel_leads as l on l.id = $4 and l.funnel_page_id = e.funnel_page_id
            where e.id = $1 and e.status = 'running'
            on conflict (experiment_id, visitor_hash) do update set
                funnel_lead_id = excluded.funnel_lead_id
            where x.funnel_lead_id is null
            returning x.variant_id, x.xmax = 0 as is_new
        ), kept as (
            update funnel_leads as l set variant_id = exposed.variant_id
            from exposed where l.id = $4
        )
        select is_new from exposed
        """,
        experiment_id,
        variant_id,
        visitor_hash,
        lead_id,
    )
    return bool(is_new)
