-- The tables of dm.

create table public.channel_flows (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    name text not null,
    trigger_type text not null,
    trigger_config jsonb default '{}'::jsonb,
    flow_definition text not null default '[]',
    reply_mode text not null default 'ai',
    ai_instructions text,
    status text not null default 'draft',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.channel_flows is 'DESCRIBE';
create index on public.channel_flows (tenant_id);
call platform.maintain_updated_at('channel_flows');

create table public.dm_contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    linkedin_uid text not null,
    linkedin_url text,
    linkedin_handle text,
    first_name text,
    last_name text,
    headline text,
    location text,
    picture_url text,
    connected_at timestamptz,
    connected_by text,
    parsed_title text,
    parsed_country text,
    company_name text,
    company_size text,
    icp_status text default 'unknown',
    priority_score integer default 0,
    flag text,
    flag_reason text,
    enrichment_status text default 'none',
    enrichment_data jsonb default '{}'::jsonb,
    enriched_at timestamptz,
    conversation_status text,
    last_message_at timestamptz,
    last_message_content text,
    kondo_labels jsonb default '[]'::jsonb,
    kondo_note text,
    last_webhook_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    phone text,
    email text,
    lead_id uuid references public.leads (id) on delete set null,
    funnel_status text,
    intent_category text,
    pipeline_stage text default 'new',
    pipeline_high_water_mark text default 'new',
    ai_suggested_response text,
    ai_stage text,
    ai_signals text[],
    ai_style_notes text,
    ai_strategy text,
    ai_analyzed_at timestamptz,
    heyreach_blocked_at timestamptz
);
comment on table public.dm_contacts is 'DM contacts with CRM sync';
create index on public.dm_contacts (lead_id);
create index on public.dm_contacts (tenant_id);
call platform.maintain_updated_at('dm_contacts');

create table public.channel_messages (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    channel text not null,
    direction text not null,
    from_number text not null,
    to_number text not null,
    content text,
    call_duration integer,
    call_recording_url text,
    call_outcome text,
    flow_id uuid references public.channel_flows (id) on delete set null,
    external_message_id text,
    sent_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
comment on table public.channel_messages is 'DESCRIBE';
create index on public.channel_messages (tenant_id);
create index on public.channel_messages (contact_id);
create index on public.channel_messages (flow_id);

create table public.connection_ranking_runs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text,
    status text not null default 'pending',
    total_connections integer not null default 0,
    phase1_processed integer not null default 0,
    phase2_total integer not null default 0,
    phase2_processed integer not null default 0,
    tier_definite_keep integer not null default 0,
    tier_strong_keep integer not null default 0,
    tier_borderline integer not null default 0,
    tier_likely_remove integer not null default 0,
    tier_definite_remove integer not null default 0,
    tier_protected integer not null default 0,
    criteria jsonb,
    protected_keywords jsonb,
    gemini_calls integer not null default 0,
    estimated_cost_cents integer not null default 0,
    created_at timestamptz not null default now(),
    phase1_completed_at timestamptz,
    phase2_completed_at timestamptz,
    completed_at timestamptz
);
comment on table public.connection_ranking_runs is 'DESCRIBE';

create table public.connection_ranking_results (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references public.connection_ranking_runs (id) on delete restrict,
    first_name text,
    last_name text,
    linkedin_url text,
    email_address text,
    company text,
    position text,
    connected_on text,
    deterministic_score integer not null default 0,
    title_score integer not null default 0,
    company_score integer not null default 0,
    recency_score integer not null default 0,
    is_protected boolean not null default false,
    protected_reason text,
    needs_enrichment boolean not null default false,
    enrichment_status text not null default 'pending',
    grounding_data jsonb,
    ai_score integer not null default 0,
    ai_reasoning text,
    ai_geography text,
    ai_industry text,
    ai_company_size text,
    total_score integer not null default 0,
    tier text,
    rank_position integer,
    user_override text,
    created_at timestamptz not null default now()
);
comment on table public.connection_ranking_results is 'DESCRIBE';
create index on public.connection_ranking_results (run_id);

create table public.contact_flow_state (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    flow_id uuid not null references public.channel_flows (id) on delete restrict,
    current_step integer not null default 0,
    status text not null default 'active',
    next_action_at timestamptz,
    variables jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.contact_flow_state is 'DESCRIBE';
create index on public.contact_flow_state (contact_id);
create index on public.contact_flow_state (flow_id);
create index on public.contact_flow_state (tenant_id);
call platform.maintain_updated_at('contact_flow_state');

create table public.dm_messages (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    content text not null,
    direction text not null,
    sent_at timestamptz not null,
    sentiment text,
    intent_signals jsonb,
    created_at timestamptz default now()
);
comment on table public.dm_messages is 'DM message history';
create index on public.dm_messages (tenant_id);
create index on public.dm_messages (contact_id);

create table public.dm_pipeline_config (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    label_stage_map jsonb not null default '{"Clients": "client", "1 - Opening": "opening", "2 - Qualifying": "qualifying", "4 - Meeting Booked": "meeting_booked", "3 - Meeting Proposed": "meeting_proposed"}'::jsonb,
    followup_rules jsonb not null default '{"opening": {"max_fu_days": 14, "first_bump_hours": 48}, "qualifying": {"max_fu_days": 10, "first_bump_hours": 24}, "meeting_proposed": {"max_fu_days": 7, "first_bump_hours": 24}}'::jsonb,
    daily_capacity_target integer not null default 20,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.dm_pipeline_config is 'DM pipeline configuration';
call platform.maintain_updated_at('dm_pipeline_config');

create table public.dm_stage_transitions (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    from_stage text not null,
    to_stage text not null,
    connected_by text,
    transitioned_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    source text not null default 'kondo'
);
comment on table public.dm_stage_transitions is 'Funnel stage change log';
create index on public.dm_stage_transitions (contact_id);

create table public.icp_rules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    allowed_titles jsonb default '[]'::jsonb,
    allowed_countries jsonb default '[]'::jsonb,
    company_size_min integer,
    company_size_max integer,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.icp_rules is 'DESCRIBE';
create index on public.icp_rules (tenant_id);
call platform.maintain_updated_at('icp_rules');

create table public.phone_numbers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    phone_number text not null,
    area_code text,
    region text,
    twilio_sid text,
    capabilities jsonb default '{"mms": false, "sms": true, "voice": true}'::jsonb,
    status text not null default 'active',
    created_at timestamptz not null default now()
);
comment on table public.phone_numbers is 'DESCRIBE';
create index on public.phone_numbers (tenant_id);

alter table public.call_queue
    add foreign key (contact_id) references public.dm_contacts (id) on delete restrict;

-- Access.

call access.tenant('channel_flows');
call access.written_by('channel_flows', 'gtm_system', 'dm');

call access.tenant('dm_contacts');
call access.written_by('dm_contacts', 'gtm_system', 'dm');

call access.tenant('channel_messages');
call access.written_by('channel_messages', 'gtm_system', 'dm');

call access.owner('connection_ranking_runs');
call access.written_by('connection_ranking_runs', 'gtm_system', 'dm');

call access.through('connection_ranking_results', 'run_id', 'connection_ranking_runs');
call access.written_by('connection_ranking_results', 'gtm_system', 'dm');

call access.tenant('contact_flow_state');
call access.written_by('contact_flow_state', 'gtm_system', 'dm');

call access.tenant('dm_messages');
call access.written_by('dm_messages', 'gtm_system', 'dm');

call access.tenant('dm_pipeline_config');
call access.written_by('dm_pipeline_config', 'gtm_system', 'dm');

call access.through('dm_stage_transitions', 'contact_id', 'dm_contacts');
call access.written_by('dm_stage_transitions', 'gtm_system', 'dm');

call access.tenant('icp_rules');
call access.written_by('icp_rules', 'gtm_system', 'dm');

call access.tenant('phone_numbers');
call access.written_by('phone_numbers', 'gtm_system', 'dm');
