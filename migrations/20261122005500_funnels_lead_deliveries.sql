-- What lists, customer systems and ad platforms are told of a lead: a row before it is a request.

create table public.lead_deliveries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    team_id uuid references public.teams (id) on delete set null,
    funnel_lead_id uuid references public.funnel_leads (id) on delete set null,
    destination text not null check (destination in (
        'kit', 'mailerlite', 'mailchimp', 'activecampaign', 'gohighlevel', 'conductor',
        'meta_pixel', 'linkedin_insight')),
    event text not null check (event in ('lead.created', 'lead.qualified', 'test')),
    event_id text not null check (char_length(event_id) between 1 and 100),
    status text not null default 'pending'
        check (status in ('pending', 'delivered', 'failed', 'skipped')),
    attempts integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz,
    last_attempt_at timestamptz,
    delivered_at timestamptz,
    response_status integer check (response_status between 100 and 599),
    response_excerpt text check (char_length(response_excerpt) <= 2000),
    duration_ms integer check (duration_ms >= 0),
    error text check (char_length(error) <= 2000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (funnel_lead_id, destination, event),
    constraint lead_deliveries_next_attempt check (
        status = 'pending' or next_attempt_at is null),
    constraint lead_deliveries_delivered_when check (
        status <> 'delivered' or delivered_at is not null)
);
comment on table public.lead_deliveries is
    'What one outside service is told of one lead, and how it went';
comment on column public.lead_deliveries.user_id is 'Whose connection to the service is used';
comment on column public.lead_deliveries.event_id is
    'The lead''s id, or {lead id}-qualified: the service counts the same id once';
comment on column public.lead_deliveries.status is
    'skipped: not connected, or no consent; failed has no next attempt, until somebody sends it again';
comment on column public.lead_deliveries.response_excerpt is 'The beginning of the last answer';
create index on public.lead_deliveries (user_id, created_at desc);
create index on public.lead_deliveries (team_id, created_at desc) where team_id is not null;
create index on public.lead_deliveries (next_attempt_at) where status = 'pending';
call platform.maintain_updated_at('lead_deliveries');
call access.state_machine('lead_deliveries', 'status', '{
    "pending": ["delivered", "failed", "skipped"],
    "failed": ["pending"],
    "skipped": ["pending"],
    "delivered": ["pending"]
}');
call access.owner('lead_deliveries', commands => '{select}');
call access.written_by('lead_deliveries', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- Conversions are also kept where other services look for them.
create function platform.log_conversion() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    name text := case
        when new.event <> 'lead.qualified' then 'Lead'
        when new.destination = 'meta_pixel' then 'CompleteRegistration'
        else 'Qualified'
    end;
    told_to text := case new.destination when 'meta_pixel' then 'meta' else 'linkedin' end;
begin
    insert into public.tracking_pixel_events as e (
        id, user_id, team_id, lead_id, provider, event_name, event_id, dedupe_key, status,
        attempts, error_message, sent_at
    ) values (
        new.id, new.user_id, new.team_id, new.funnel_lead_id, told_to, name, new.event_id,
        pg_catalog.concat_ws(':', told_to, name, new.event_id),
        case new.status when 'delivered' then 'sent' else new.status end,
        new.attempts, new.error, new.delivered_at
    )
    on conflict (id) do update set
        status = excluded.status, attempts = excluded.attempts,
        error_message = excluded.error_message, sent_at = excluded.sent_at
    where e.status <> 'sent' and (e.status <> excluded.status or e.attempts <> excluded.attempts);
    return null;
end
$$;
comment on function platform.log_conversion() is
    'Row trigger: keeps tracking_pixel_events for what ad platforms are told';
create trigger log_conversion after insert or update of status, attempts on public.lead_deliveries
for each row when (
    new.destination in ('meta_pixel', 'linkedin_insight') and new.event <> 'test'
    and new.status <> 'skipped'
)
execute function platform.log_conversion();

-- Webhooks: a second secret while receivers change over, the events wanted, and an end to long failure.
alter table public.webhook_configs
    add column previous_signing_secret text,
    add column previous_secret_until timestamptz,
    add column events text[] not null default '{lead.created,lead.qualified}'
        check (events <@ '{lead.created,lead.qualified}'::text[] and events <> '{}'),
    add column failing_since timestamptz,
    add column disabled_at timestamptz,
    add column disabled_reason text check (char_length(disabled_reason) <= 500);
comment on column public.webhook_configs.previous_signing_secret is
    'Encrypted; signs beside the current one until previous_secret_until';
comment on column public.webhook_configs.events is 'Of what it is told';
comment on column public.webhook_configs.failing_since is
    'When the first delivery failed since one was taken';
comment on column public.webhook_configs.disabled_at is 'When it was switched off for not answering';
call access.secret('webhook_configs', '{signing_secret, previous_signing_secret}');
call access.guard('webhook_configs', '{failing_since, disabled_at, disabled_reason}');
call access.apply('webhook_configs');
