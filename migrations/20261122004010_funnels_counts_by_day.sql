-- Views and leads by day, added up once: lists and charts no longer count every visitor each time.

create table public.funnel_page_days (
    funnel_page_id uuid not null references public.funnel_pages (id) on delete cascade,
    day date not null,
    metric text not null check (metric in ('optin', 'thankyou', 'content', 'lead')),
    amount integer not null,
    primary key (funnel_page_id, metric, day)
);
comment on table public.funnel_page_days is
    'How many visitors and leads a page had on a day (UTC): page_views and funnel_leads, as far as added up';
comment on column public.funnel_page_days.metric is
    'Visitors of the opt-in, thank-you or content page, or leads captured';

create table platform.rollups (
    name text primary key,
    until timestamptz not null default '-infinity'
);
comment on table platform.rollups is
    'The creation time before which the rows of a table have been added up';
insert into platform.rollups (name) values ('funnel_page_days');
alter table platform.rollups enable row level security;
create policy operators on platform.rollups to service_role using (true) with check (true);
grant select, update on platform.rollups to service_role;

create function access.funnel_days_until() returns timestamptz
language sql stable security definer
set search_path = ''
as $$ select r.until from platform.rollups as r where r.name = 'funnel_page_days' $$;
comment on function access.funnel_days_until() is 'Since when rows are not in funnel_page_days yet';
insert into access.definer_functions (function_name, reason) values
    ('access.funnel_days_until', 'Answers one time of the installation, the same for everybody');
grant execute on function access.funnel_days_until() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

-- For rows of a time that has been added up already: imports and deletions.
create function platform.add_to_funnel_day(
    page uuid, created timestamptz, on_day date, counted text, by_amount integer
) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    added_until timestamptz;
begin
    -- Locked, so that an addition which goes on counts this row, or this row waits and counts itself.
    select r.until into strict added_until
    from platform.rollups as r where r.name = 'funnel_page_days' for share;
    if created < added_until then
        insert into public.funnel_page_days as d (funnel_page_id, day, metric, amount)
        values (page, on_day, counted, by_amount)
        on conflict (funnel_page_id, metric, day) do update set amount = d.amount + by_amount;
    end if;
end
$$;
comment on function platform.add_to_funnel_day(uuid, timestamptz, date, text, integer) is
    'Keep funnel_page_days true when a row comes or goes that it has counted';

create function platform.count_past_view() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if tg_op = 'DELETE' then
        perform platform.add_to_funnel_day(
            old.funnel_page_id, old.created_at, old.view_date, old.page_type, -1);
    else
        perform platform.add_to_funnel_day(
            new.funnel_page_id, new.created_at, new.view_date, new.page_type, 1);
    end if;
    return null;
end
$$;
comment on function platform.count_past_view() is 'Row trigger of page_views, for what may have been added up';

create function platform.count_past_lead() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' then
        perform platform.add_to_funnel_day(
            old.funnel_page_id, old.created_at, (old.created_at at time zone 'utc')::date,
            'lead', -1);
    end if;
    if tg_op <> 'DELETE' then
        perform platform.add_to_funnel_day(
            new.funnel_page_id, new.created_at, (new.created_at at time zone 'utc')::date,
            'lead', 1);
    end if;
    return null;
end
$$;
comment on function platform.count_past_lead() is 'Row trigger of funnel_leads, for what may have been added up';

-- What is new now is added up by the schedule; only rows of an earlier time fire.
create trigger count_past_view after insert on public.page_views for each row
when (new.created_at < now()) execute function platform.count_past_view();
create trigger count_deleted_view after delete on public.page_views for each row
execute function platform.count_past_view();
create trigger count_past_lead after insert on public.funnel_leads for each row
when (new.created_at < now()) execute function platform.count_past_lead();
create trigger count_deleted_lead after delete on public.funnel_leads for each row
execute function platform.count_past_lead();
create trigger count_moved_lead after update of funnel_page_id, created_at on public.funnel_leads
for each row
when (
    (old.funnel_page_id, old.created_at) is distinct from (new.funnel_page_id, new.created_at)
)
execute function platform.count_past_lead();

create index on public.page_views (funnel_page_id, created_at);

call access.through('funnel_page_days', 'funnel_page_id', 'funnel_pages', commands => '{select}');
call access.written_by('funnel_page_days', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- Reads as its owner, and so asks by itself, once per page, what the policies would ask once per row: the
-- predicate is the one that the pages were declared with.
do $view$
declare
    is_of_caller constant text := pg_catalog.replace(
        (select s.predicate from access.scopes as s where s.table_name = 'funnel_pages'), '{row}', 'f');
begin
    execute pg_catalog.format(
        $sql$
            create view public.funnel_page_counts with (security_invoker = false) as
            select f.id as funnel_page_id, c.day, c.metric, c.amount
            from public.funnel_pages as f
            cross join lateral (
                select d.day, d.metric, d.amount
                from public.funnel_page_days as d
                where d.funnel_page_id = f.id
                union all
                select v.view_date, v.page_type, count(*)::integer
                from public.page_views as v
                where v.funnel_page_id = f.id
                    and v.created_at >= (select access.funnel_days_until())
                group by v.view_date, v.page_type
                union all
                select (l.created_at at time zone 'utc')::date, 'lead', count(*)::integer
                from public.funnel_leads as l
                where l.funnel_page_id = f.id
                    and l.created_at >= (select access.funnel_days_until())
                group by (l.created_at at time zone 'utc')::date
            ) as c
            where %s
        $sql$,
        is_of_caller
    );
end
$view$;
comment on view public.funnel_page_counts is
    'How many visitors and leads each page of the caller had on a day (UTC), today included';
grant select on public.funnel_page_counts to authenticated, svc_magnetlab, svc_copy_of_gtm_os;
