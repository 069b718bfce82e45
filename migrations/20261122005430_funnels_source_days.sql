-- Views and leads by day and by where people came from, added up like funnel_page_days.

alter table public.page_views
    add column utm_source text check (char_length(utm_source) <= 100),
    add column utm_medium text check (char_length(utm_medium) <= 100),
    add column utm_campaign text check (char_length(utm_campaign) <= 100);
comment on column public.page_views.utm_source is
    'Where the visitor came from the first time that day, like utm_medium and utm_campaign';
call access.apply('page_views');

create table public.funnel_page_source_days (
    funnel_page_id uuid not null references public.funnel_pages (id) on delete cascade,
    metric text not null check (metric in ('optin', 'lead', 'answered', 'qualified', 'booked')),
    day date not null,
    utm_source text not null default '',
    utm_medium text not null default '',
    utm_campaign text not null default '',
    amount integer not null,
    primary key (funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign)
);
comment on table public.funnel_page_source_days is
    'Visitors and leads of a page on a day (UTC) by where they came from, as far as added up';
comment on column public.funnel_page_source_days.metric is
    'Visitors of the opt-in page; leads by the day they came: all, who answered, qualified, booked';
comment on column public.funnel_page_source_days.utm_source is
    'Empty for who came directly, like utm_medium and utm_campaign';
insert into platform.rollups (name) values ('funnel_page_source_days');
call access.through('funnel_page_source_days', 'funnel_page_id', 'funnel_pages', commands => '{select}');
call access.written_by('funnel_page_source_days', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

create function access.source_days_until() returns timestamptz
language sql stable security definer
set search_path = ''
as $$ select r.until from platform.rollups as r where r.name = 'funnel_page_source_days' $$;
comment on function access.source_days_until() is 'Since when rows are not in funnel_page_source_days yet';
insert into access.definer_functions (function_name, reason) values
    ('access.source_days_until', 'Answers one time of the installation, the same for everybody');
grant execute on function access.source_days_until() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create function platform.lead_metrics(
    answered_at timestamptz, is_qualified boolean, booked_at timestamptz
) returns text[]
language sql immutable
set search_path = ''
as $$
    select array['lead'] || case when answered_at is not null then array['answered'] else '{}' end
        || case when is_qualified then array['qualified'] else '{}' end
        || case when booked_at is not null then array['booked'] else '{}' end
$$;
comment on function platform.lead_metrics(timestamptz, boolean, timestamptz) is
    'What a lead counts as in funnel_page_source_days';
grant execute on function platform.lead_metrics(timestamptz, boolean, timestamptz) to
    authenticated, service_role, svc_magnetlab, svc_copy_of_gtm_os;

create function platform.add_to_source_day(
    page uuid, created timestamptz, on_day date, counted text[], came text[], by_amount integer
) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    added_until timestamptz;
begin
    select r.until into strict added_until
    from platform.rollups as r where r.name = 'funnel_page_source_days' for share;
    if created < added_until then
        insert into public.funnel_page_source_days as d (
            funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign, amount
        )
        select page, m.metric, on_day, coalesce(came[1], ''), coalesce(came[2], ''),
            coalesce(came[3], ''), by_amount
        from pg_catalog.unnest(counted) as m (metric)
        on conflict (funnel_page_id, metric, day, utm_source, utm_medium, utm_campaign)
        do update set amount = d.amount + by_amount;
    end if;
end
$$;
comment on function platform.add_to_source_day(uuid, timestamptz, date, text[], text[], integer) is
    'Keep funnel_page_source_days true when a row comes, goes or changes that it has counted';

-- The triggers that keep funnel_page_days true keep the sources true as well: none is added to what
-- an opt-in or a view goes through.
create or replace function platform.count_past_view() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    counted public.page_views := case when tg_op = 'DELETE' then old else new end;
    by_amount constant integer := case when tg_op = 'DELETE' then -1 else 1 end;
begin
    perform platform.add_to_funnel_day(
        counted.funnel_page_id, counted.created_at, counted.view_date, counted.page_type, by_amount);
    if counted.page_type = 'optin' then
        perform platform.add_to_source_day(
            counted.funnel_page_id, counted.created_at, counted.view_date, array['optin'],
            array[counted.utm_source, counted.utm_medium, counted.utm_campaign], by_amount);
    end if;
    return null;
end
$$;

create function platform.count_lead_source(lead public.funnel_leads, by_amount integer) returns void
language sql
set search_path = ''
as $$
    select platform.add_to_source_day(
        lead.funnel_page_id, lead.created_at, (lead.created_at at time zone 'utc')::date,
        platform.lead_metrics(lead.answered_at, lead.is_qualified, lead.booked_at),
        array[lead.utm_source, lead.utm_medium, lead.utm_campaign], by_amount)
$$;
comment on function platform.count_lead_source(public.funnel_leads, integer) is
    'Add a lead to the sums by source, or take it out of them';

create or replace function platform.count_past_lead() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' then
        perform platform.add_to_funnel_day(
            old.funnel_page_id, old.created_at, (old.created_at at time zone 'utc')::date,
            'lead', -1);
        perform platform.count_lead_source(old, -1);
    end if;
    if tg_op <> 'DELETE' then
        perform platform.add_to_funnel_day(
            new.funnel_page_id, new.created_at, (new.created_at at time zone 'utc')::date,
            'lead', 1);
        perform platform.count_lead_source(new, 1);
    end if;
    return null;
end
$$;

create function platform.count_changed_lead() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.count_lead_source(old, -1);
    perform platform.count_lead_source(new, 1);
    return null;
end
$$;
comment on function platform.count_changed_lead() is
    'Row trigger of funnel_leads: answers, bookings and sources that are told later count where the lead does';
create trigger count_changed_lead
after update of answered_at, is_qualified, booked_at, utm_source, utm_medium, utm_campaign
on public.funnel_leads for each row
when (
    (old.funnel_page_id, old.created_at) is not distinct from (new.funnel_page_id, new.created_at)
    and (
        old.answered_at is null, old.is_qualified, old.booked_at is null,
        old.utm_source, old.utm_medium, old.utm_campaign
    ) is distinct from (
        new.answered_at is null, new.is_qualified, new.booked_at is null,
        new.utm_source, new.utm_medium, new.utm_campaign
    )
)
execute function platform.count_changed_lead();

-- Reads as its owner, like funnel_page_counts, and asks the same predicate once per page.
do $view$
declare
    is_of_caller constant text := pg_catalog.replace(
        (select s.predicate from access.scopes as s where s.table_name = 'funnel_pages'), '{row}', 'f');
begin
    execute pg_catalog.format(
        $sql$
            create view public.funnel_page_source_counts with (security_invoker = false) as
            select f.id as funnel_page_id, c.day, c.metric, c.utm_source, c.utm_medium,
                c.utm_campaign, c.amount
            from public.funnel_pages as f
            cross join lateral (
                select d.day, d.metric, d.utm_source, d.utm_medium, d.utm_campaign, d.amount
                from public.funnel_page_source_days as d
                where d.funnel_page_id = f.id
                union all
                select v.view_date, 'optin', coalesce(v.utm_source, ''), coalesce(v.utm_medium, ''),
                    coalesce(v.utm_campaign, ''), count(*)::integer
                from public.page_views as v
                where v.funnel_page_id = f.id and v.page_type = 'optin'
                    and v.created_at >= (select access.source_days_until())
                group by 1, 2, 3, 4, 5
                union all
                select (l.created_at at time zone 'utc')::date, m.metric, coalesce(l.utm_source, ''),
                    coalesce(l.utm_medium, ''), coalesce(l.utm_campaign, ''), count(*)::integer
                from public.funnel_leads as l
                cross join lateral pg_catalog.unnest(
                    platform.lead_metrics(l.answered_at, l.is_qualified, l.booked_at)) as m (metric)
                where l.funnel_page_id = f.id
                    and l.created_at >= (select access.source_days_until())
                group by 1, 2, 3, 4, 5
            ) as c
            where %s
        $sql$,
        is_of_caller
    );
end
$view$;
comment on view public.funnel_page_source_counts is
    'How many visitors and leads each page of the caller had on a day (UTC) and from where, today included';
grant select on public.funnel_page_source_counts to authenticated, svc_magnetlab, svc_copy_of_gtm_os;
