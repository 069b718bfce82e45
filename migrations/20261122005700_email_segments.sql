-- Groups of a team's subscribers that have a name, and what makes them quick to count.

create table public.email_segments (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    team_id uuid not null default access.personal_team_id()
        references public.teams (id) on delete cascade,
    user_id uuid references public.users (id) on delete set null,
    name text not null check (char_length(btrim(name)) between 1 and 100),
    filter jsonb not null check (jsonb_typeof(filter) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (team_id, name)
);
comment on table public.email_segments is 'A named group of a team''s subscribers, as conditions on them';
comment on column public.email_segments.filter is
    '{all: […]} or {any: […]} of conditions and further groups, {not: …}, {field, op, value}';
comment on column public.email_segments.user_id is 'Who made it';
create index on public.email_segments (tenant_id);
create index on public.email_segments (user_id);
call platform.maintain_updated_at('email_segments');

alter table public.email_subscribers
add column last_opened_at timestamptz,
add column last_clicked_at timestamptz;
comment on column public.email_subscribers.last_opened_at is
    'When a mail of the team was last opened, to the hour; null: never';
comment on column public.email_subscribers.last_clicked_at is
    'When a link in a mail of the team was last opened, to the hour; null: never';
create index email_subscribers_tags on public.email_subscribers using gin ((metadata -> 'tags'))
where metadata -> 'tags' is not null;
create index on public.email_subscribers (team_id, last_opened_at) where last_opened_at is not null;
create index on public.email_consents (subscriber_id, source_id) where source_id is not null;

update public.email_subscribers as s
set last_opened_at = e.opened_at, last_clicked_at = e.clicked_at
from (
    select
        o.subscriber_id,
        max(o.created_at) filter (where o.event_type = 'opened') as opened_at,
        max(o.created_at) filter (where o.event_type = 'clicked') as clicked_at
    from public.email_events as o
    where o.subscriber_id is not null and o.event_type in ('opened', 'clicked')
    group by o.subscriber_id
) as e
where e.subscriber_id = s.id;

call access.team('email_segments');
call access.guard('email_segments', '{tenant_id}');
call access.written_by('email_segments', 'gtm_system', 'email');

call access.guard('email_subscribers', '{last_opened_at, last_clicked_at}');
call access.apply('email_subscribers');
