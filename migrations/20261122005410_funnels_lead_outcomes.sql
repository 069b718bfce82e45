-- What became of a lead: a booked call, and money.

alter table public.funnel_leads
    add column booked_at timestamptz,
    add column revenue_cents bigint not null default 0;
comment on column public.funnel_leads.booked_at is 'The first call, kept by funnel_lead_outcomes';
comment on column public.funnel_leads.revenue_cents is
    'All money traced to the lead less refunds, kept by funnel_lead_outcomes';

create table public.funnel_lead_outcomes (
    id uuid primary key default gen_random_uuid(),
    funnel_lead_id uuid not null references public.funnel_leads (id) on delete cascade,
    kind text not null check (kind in ('booked', 'revenue')),
    amount_cents integer check (amount_cents <> 0),
    currency text check (currency ~ '^[a-z]{3}$'),
    source text not null check (source in ('person', 'calendar', 'pipeline', 'payment')),
    happened_at timestamptz not null default now(),
    dedupe_key text unique,
    note text check (char_length(note) <= 500),
    created_at timestamptz not null default now(),
    constraint funnel_lead_outcomes_money check (
        (kind = 'revenue') = (amount_cents is not null)
        and (amount_cents is null) = (currency is null))
);
comment on table public.funnel_lead_outcomes is 'A call that a lead booked, or money that came from one';
comment on column public.funnel_lead_outcomes.amount_cents is 'Negative for a refund';
comment on column public.funnel_lead_outcomes.source is
    'Who said so: a person in the console, the calendar on the page, the pipeline, or a payment';
comment on column public.funnel_lead_outcomes.dedupe_key is
    'Names the occurrence, so that it is kept once however often it is told';
create index on public.funnel_lead_outcomes (funnel_lead_id, kind);
call access.through('funnel_lead_outcomes', 'funnel_lead_id', 'funnel_leads', commands => '{select}');
call access.written_by('funnel_lead_outcomes', 'magnetlab', 'funnels', '{copy_of_gtm_os}');
call access.apply('funnel_leads');

create function platform.keep_lead_outcome() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    lead uuid := case when tg_op = 'DELETE' then old.funnel_lead_id else new.funnel_lead_id end;
begin
    update public.funnel_leads as l
    set booked_at = o.booked_at, revenue_cents = coalesce(o.revenue_cents, 0)
    from (
        select min(each.happened_at) filter (where each.kind = 'booked') as booked_at,
            sum(each.amount_cents) as revenue_cents
        from public.funnel_lead_outcomes as each where each.funnel_lead_id = lead
    ) as o
    where l.id = lead
        and (l.booked_at, l.revenue_cents) is distinct from
            (o.booked_at, coalesce(o.revenue_cents, 0)::bigint);
    return null;
end
$$;
comment on function platform.keep_lead_outcome() is
    'Row trigger: keeps booked_at and revenue_cents of the lead';
create trigger keep_lead_outcome after insert or update or delete on public.funnel_lead_outcomes
for each row execute function platform.keep_lead_outcome();

-- The opt-in that a person of the pipeline came by last, before something happened.
create function platform.find_funnel_lead(pipeline_lead uuid, at timestamptz) returns uuid
language sql stable security definer
set search_path = ''
as $$
    select f.id
    from public.leads as l
    cross join lateral pg_catalog.jsonb_array_elements(
        coalesce(l.opt_in_data -> 'touches', '[]'::jsonb)) as t (touch)
    join public.funnel_leads as f on f.id::text = t.touch ->> 'funnel_lead_id'
    where l.id = pipeline_lead and f.created_at <= at
    order by f.created_at desc, f.id
    limit 1
$$;
comment on function platform.find_funnel_lead(uuid, timestamptz) is
    'The newest opt-in of a person of the pipeline before a time, or null';

create function platform.note_booked_lead() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    insert into public.funnel_lead_outcomes (funnel_lead_id, kind, source, dedupe_key)
    select found.id, 'booked', 'pipeline', 'pipeline:' || found.id
    from (select platform.find_funnel_lead(new.id, pg_catalog.now()) as id) as found
    where found.id is not null
    on conflict (dedupe_key) do nothing;
    return null;
end
$$;
comment on function platform.note_booked_lead() is
    'Row trigger of leads: a meeting in the pipeline is a booking of the opt-in behind it';
create trigger note_booked_lead after update of status on public.leads for each row
when (new.status = 'meeting_booked' and old.status is distinct from new.status)
execute function platform.note_booked_lead();

create function platform.note_lead_revenue() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    paid_at timestamptz;
    person uuid;
begin
    if tg_op <> 'INSERT' then
        delete from public.funnel_lead_outcomes as o where o.dedupe_key = 'revenue:' || old.id;
    end if;
    if tg_op = 'DELETE' or new.amount_cents = 0 or new.classification = 'excluded'
        or new.event_type not in ('payment', 'refund') then
        return null;
    end if;
    paid_at := coalesce(new.stripe_created_at, new.created_at);
    person := coalesce(new.lead_id, (
        select l.id from public.leads as l
        where l.tenant_id = new.tenant_id and lower(l.email) = lower(new.customer_email)
    ));
    insert into public.funnel_lead_outcomes (
        funnel_lead_id, kind, amount_cents, currency, source, happened_at, dedupe_key
    )
    select found.id, 'revenue', new.amount_cents, lower(new.currency), 'payment', paid_at,
        'revenue:' || new.id
    from (select platform.find_funnel_lead(person, paid_at) as id) as found
    where found.id is not null;
    return null;
end
$$;
comment on function platform.note_lead_revenue() is
    'Row trigger of revenue_events: money counts for the opt-in that its person came by last';
create trigger note_lead_revenue after insert or delete or update of
    amount_cents, currency, lead_id, customer_email, classification, event_type, stripe_created_at
on public.revenue_events for each row execute function platform.note_lead_revenue();

-- Experiments may be for either.
alter table public.ab_experiments drop constraint ab_experiments_goal_check;
alter table public.ab_experiments add constraint ab_experiments_goal_check
    check (goal in ('optin', 'answered', 'qualified', 'booked', 'revenue'));
comment on column public.ab_experiments.goal is
    'What counts as a success: opting in, answering, qualifying, booking a call, paying';
