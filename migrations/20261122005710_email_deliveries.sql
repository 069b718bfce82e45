-- What becomes of a mail: what providers report, as it came, and sums by day that grow with campaigns and
-- not with events.

create table public.email_provider_events (
    id uuid primary key default gen_random_uuid(),
    provider text not null check (provider in ('resend')),
    event_key text not null check (char_length(event_key) between 1 and 200),
    tenant_id uuid references public.tenants (id) on delete cascade,
    payload text not null,
    received_at timestamptz not null default now(),
    applied_at timestamptz,
    outcome text,
    unique (provider, event_key)
);
comment on table public.email_provider_events is 'What a mail provider reported, as it came';
comment on column public.email_provider_events.event_key is 'The provider''s id of the report, such as svix-id';
comment on column public.email_provider_events.tenant_id is
    'Whose own account it came from; null: the installation''s';
comment on column public.email_provider_events.outcome is 'What we made of it';
create index on public.email_provider_events (tenant_id);
create index on public.email_provider_events (received_at);

alter table public.email_outbox
add column delivered_at timestamptz,
add column opened_at timestamptz,
add column clicked_at timestamptz,
add column bounced_at timestamptz,
add column complained_at timestamptz,
add column left_at timestamptz;
comment on column public.email_outbox.opened_at is 'First time; like its neighbours, null until it happens';
comment on column public.email_outbox.left_at is 'When its reader unsubscribed by its link';

create table public.email_daily_stats (
    id bigint generated always as identity primary key,
    team_id uuid not null references public.teams (id) on delete cascade,
    day date not null,
    kind text not null check (kind in (
        'broadcast', 'flow', 'sequence', 'resource', 'digest', 'review', 'transactional', 'test')),
    broadcast_id uuid references public.email_broadcasts (id) on delete cascade,
    variant text check (variant in ('a', 'b')),
    flow_id uuid references public.email_flows (id) on delete cascade,
    step_number integer,
    lead_magnet_id uuid references public.lead_magnets (id) on delete cascade,
    sent bigint not null default 0,
    delivered bigint not null default 0,
    opened bigint not null default 0,
    clicked bigint not null default 0,
    bounced bigint not null default 0,
    complained bigint not null default 0,
    unsubscribed bigint not null default 0,
    unique nulls not distinct (team_id, day, kind, broadcast_id, variant, flow_id, step_number, lead_magnet_id)
);
comment on table public.email_daily_stats is
    'How many messages were sent on a day, and how many of them were delivered, opened, …, each counted once';
comment on column public.email_daily_stats.day is 'The day (UTC) on which the messages were sent';
create index on public.email_daily_stats (broadcast_id) where broadcast_id is not null;
create index on public.email_daily_stats (flow_id) where flow_id is not null;
create index on public.email_daily_stats (lead_magnet_id) where lead_magnet_id is not null;

create function platform.add_email_sums() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    insert into public.email_daily_stats as t (
        team_id, day, kind, broadcast_id, variant, flow_id, step_number, lead_magnet_id,
        sent, delivered, opened, clicked, bounced, complained, unsubscribed)
    select
        n.team_id, (coalesce(n.sent_at, n.created_at) at time zone 'utc')::date, n.kind, n.broadcast_id,
        case when n.broadcast_id is not null then n.variant end, n.flow_id, n.step_number, n.lead_magnet_id,
        pg_catalog.count(*) filter (where n.status = 'sent' and o.status is distinct from 'sent'),
        pg_catalog.count(*) filter (where n.delivered_at is not null and o.delivered_at is null),
        pg_catalog.count(*) filter (where n.opened_at is not null and o.opened_at is null),
        pg_catalog.count(*) filter (where n.clicked_at is not null and o.clicked_at is null),
        pg_catalog.count(*) filter (where n.bounced_at is not null and o.bounced_at is null),
        pg_catalog.count(*) filter (where n.complained_at is not null and o.complained_at is null),
        pg_catalog.count(*) filter (where n.left_at is not null and o.left_at is null)
    from after_rows as n
    join before_rows as o on o.id = n.id
    where n.team_id is not null
        and (
            (n.status = 'sent' and o.status <> 'sent')
            or (n.delivered_at is not null and o.delivered_at is null)
            or (n.opened_at is not null and o.opened_at is null)
            or (n.clicked_at is not null and o.clicked_at is null)
            or (n.bounced_at is not null and o.bounced_at is null)
            or (n.complained_at is not null and o.complained_at is null)
            or (n.left_at is not null and o.left_at is null))
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (team_id, day, kind, broadcast_id, variant, flow_id, step_number, lead_magnet_id)
    do update set
        sent = t.sent + excluded.sent, delivered = t.delivered + excluded.delivered,
        opened = t.opened + excluded.opened, clicked = t.clicked + excluded.clicked,
        bounced = t.bounced + excluded.bounced, complained = t.complained + excluded.complained,
        unsubscribed = t.unsubscribed + excluded.unsubscribed;
    return null;
end
$$;
comment on function platform.add_email_sums() is
    'Statement trigger: what happens to a message for the first time is added to its day''s sums';
create trigger add_sums after update on public.email_outbox
referencing old table as before_rows new table as after_rows
for each statement execute function platform.add_email_sums();

create function platform.add_new_email_sums() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    insert into public.email_daily_stats as t (
        team_id, day, kind, broadcast_id, variant, flow_id, step_number, lead_magnet_id, sent)
    select
        n.team_id, (n.sent_at at time zone 'utc')::date, n.kind, n.broadcast_id,
        case when n.broadcast_id is not null then n.variant end, n.flow_id, n.step_number, n.lead_magnet_id,
        pg_catalog.count(*)
    from after_rows as n
    where n.status = 'sent' and n.team_id is not null
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4, 5, 6, 7, 8
    on conflict (team_id, day, kind, broadcast_id, variant, flow_id, step_number, lead_magnet_id)
    do update set sent = t.sent + excluded.sent;
    return null;
end
$$;
comment on function platform.add_new_email_sums() is
    'Statement trigger: messages that are written down as sent already count too';
create trigger add_new_sums after insert on public.email_outbox
referencing new table as after_rows
for each statement execute function platform.add_new_email_sums();

insert into public.email_daily_stats (
    team_id, day, kind, broadcast_id, flow_id, step_number, lead_magnet_id, sent)
select
    o.team_id, (o.sent_at at time zone 'utc')::date, o.kind, o.broadcast_id, o.flow_id, o.step_number,
    o.lead_magnet_id, count(*)
from public.email_outbox as o
where o.status = 'sent' and o.team_id is not null
group by 1, 2, 3, 4, 5, 6, 7;
update public.email_outbox as o
set delivered_at = e.delivered_at, opened_at = e.opened_at, clicked_at = e.clicked_at,
    bounced_at = e.bounced_at, complained_at = e.complained_at
from (
    select
        v.outbox_id,
        min(v.created_at) filter (where v.event_type = 'delivered') as delivered_at,
        min(v.created_at) filter (where v.event_type = 'opened') as opened_at,
        min(v.created_at) filter (where v.event_type = 'clicked') as clicked_at,
        min(v.created_at) filter (where v.event_type = 'bounced') as bounced_at,
        min(v.created_at) filter (where v.event_type = 'complained') as complained_at
    from public.email_events as v
    where v.outbox_id is not null
    group by v.outbox_id
) as e
where e.outbox_id = o.id;

call access.service_only('email_provider_events');
call access.written_by('email_provider_events', 'gtm_system', 'email');
call access.team('email_daily_stats', commands => '{select}');
call access.written_by('email_daily_stats', 'gtm_system', 'email');
call access.apply('email_outbox');
