-- The tables of operations.

create table public.audit_log (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid references public.tenants (id) on delete set null,
    actor_id text,
    actor_type text default 'system',
    action text not null,
    resource_type text,
    resource_id text,
    metadata jsonb default '{}'::jsonb,
    ip_address inet,
    created_at timestamptz default now()
);
comment on table public.audit_log is 'Change audit trail';
create index on public.audit_log (tenant_id);

create table public.blueprint_requests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    source text not null,
    status text not null default 'received',
    full_name text,
    email text,
    linkedin_url text,
    company text,
    prospect_id uuid,
    report_url text,
    received_at timestamptz not null default now(),
    ack_sent_at timestamptz,
    generation_started_at timestamptz,
    generated_at timestamptz,
    delivery_started_at timestamptz,
    delivered_at timestamptz,
    retry_count integer not null default 0,
    last_retry_at timestamptz,
    next_retry_at timestamptz,
    error_message text,
    raw_payload jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.blueprint_requests is 'Blueprint generation requests';
create index on public.blueprint_requests (tenant_id);
call platform.maintain_updated_at('blueprint_requests');

create table public.leads (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    slug text not null,
    email text,
    full_name text,
    opt_in_data jsonb default '{}'::jsonb,
    scraped_data jsonb default '{}'::jsonb,
    analysis_results jsonb default '{}'::jsonb,
    scores jsonb default '{}'::jsonb,
    report_data jsonb,
    status public.lead_status default 'pending'::public.lead_status,
    processing_step text,
    error_log text,
    byok boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    twenty_person_id text,
    twenty_company_id text,
    twenty_opportunity_id text
);
comment on table public.leads is 'Unified lead records';
create index on public.leads (tenant_id);
call platform.maintain_updated_at('leads');

create table public.call_queue (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    contact_id uuid not null,
    priority integer not null default 5,
    reason text,
    scheduled_for timestamptz,
    notes text,
    status text not null default 'pending',
    assigned_to uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    lead_id uuid references public.leads (id) on delete set null,
    source text default 'manual'
);
comment on table public.call_queue is 'DESCRIBE';
create index on public.call_queue (contact_id);
create index on public.call_queue (tenant_id);
create index on public.call_queue (lead_id);
call platform.maintain_updated_at('call_queue');

create table public.conductor_goals (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    period text not null,
    metric_key text not null,
    target_value numeric not null default 0,
    current_value numeric not null default 0,
    period_start date not null,
    period_end date not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.conductor_goals is 'DESCRIBE';
create index on public.conductor_goals (tenant_id);
call platform.maintain_updated_at('conductor_goals');

create table public.conductor_recommendations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    category text not null default 'operations',
    priority text not null default 'medium',
    title text not null,
    reasoning text,
    suggestion text,
    metric_impact text,
    data_points jsonb default '{}'::jsonb,
    auto_actionable boolean default false,
    action_taken boolean default false,
    dismissed_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.conductor_recommendations is 'DESCRIBE';
create index on public.conductor_recommendations (tenant_id);

create table public.conductor_signals (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    signal_type text not null,
    severity text not null default 'info',
    title text not null,
    description text,
    context jsonb default '{}'::jsonb,
    resolved_at timestamptz,
    resolved_by text,
    created_at timestamptz not null default now()
);
comment on table public.conductor_signals is 'DESCRIBE';
create index on public.conductor_signals (tenant_id);

create table public.conductor_tasks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    category text not null default 'operations',
    priority text not null default 'medium',
    title text not null,
    description text,
    action_url text,
    action_type text,
    context jsonb default '{}'::jsonb,
    due_date timestamptz,
    completed_at timestamptz,
    snoozed_until timestamptz,
    generated_by text,
    signal_id uuid references public.conductor_signals (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.conductor_tasks is 'DESCRIBE';
create index on public.conductor_tasks (tenant_id);
create index on public.conductor_tasks (signal_id);
call platform.maintain_updated_at('conductor_tasks');

create table public.credentials (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    service text not null,
    api_key text,
    api_secret text,
    workspace_id text,
    webhook_url text,
    oauth_token text,
    oauth_refresh_token text,
    oauth_expires_at timestamptz,
    is_connected boolean default false,
    last_verified_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    config jsonb default '{}'::jsonb
);
comment on table public.credentials is 'DESCRIBE';
call platform.maintain_updated_at('credentials');

create table public.events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    lead_id uuid,
    campaign_id uuid,
    event_type text not null,
    event_source text,
    title text not null,
    description text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now()
);
comment on table public.events is 'Lead activity audit trail';

create table public.fb_purchasers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default '7a3474f9-dd56-4ce0-a8b2-0372452ba90e'::uuid,
    airtable_record_id text,
    email text not null,
    full_name text,
    phone text,
    linkedin_url text,
    headline text,
    job_title text,
    company_name text,
    company_url text,
    company_industry text,
    company_size text,
    country_code text,
    geo_location text,
    follower_count integer,
    connections_count integer,
    purchase_amount_cents integer,
    product_name text,
    order_date timestamptz,
    scraped_data jsonb,
    qualification_score integer,
    qualification_tier text,
    attio_person_id text,
    status text not null default 'new',
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.fb_purchasers is 'DESCRIBE';
call platform.maintain_updated_at('fb_purchasers');

create table public.metrics (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    campaign_id uuid,
    date date not null,
    leads_captured integer default 0,
    leads_enriched integer default 0,
    lead_magnets_sent integer default 0,
    surveys_completed integer default 0,
    leads_qualified integer default 0,
    bookings_created integer default 0,
    leads_from_leadshark integer default 0,
    leads_from_kondo integer default 0,
    leads_from_heyreach integer default 0,
    leads_from_plusvibe integer default 0,
    leads_from_organic integer default 0,
    emails_sent integer default 0,
    emails_replied integer default 0,
    dms_sent integer default 0,
    dms_replied integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.metrics is 'Performance metrics';
call platform.maintain_updated_at('metrics');

create table public.reply_pipeline (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    source text not null,
    status text not null default 'pending',
    linkedin_url text,
    full_name text,
    email text,
    company text,
    campaign_id text,
    prospect_id text,
    report_url text,
    reply_text text,
    ack_sent_at timestamptz,
    blueprint_sent_at timestamptz,
    error_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    conversation_id text,
    linkedin_account_id integer,
    lead_id uuid references public.leads (id) on delete set null,
    raw_payload jsonb,
    dm_ack_status text,
    dm_delivery_status text,
    generation_started_at timestamptz,
    generated_at timestamptz,
    delivery_started_at timestamptz,
    retry_count integer not null default 0,
    last_retry_at timestamptz,
    next_retry_at timestamptz,
    email_delivery_status text
);
comment on table public.reply_pipeline is 'Leads awaiting/completed Blueprint delivery';
create index on public.reply_pipeline (lead_id);
call platform.maintain_updated_at('reply_pipeline');

create table public.system_health (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    service text not null,
    status text not null default 'unknown',
    last_check_at timestamptz,
    last_success_at timestamptz,
    last_error_at timestamptz,
    last_error_message text,
    consecutive_failures integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.system_health is 'Service health status';
call platform.maintain_updated_at('system_health');

create table public.webhook_events (
    id uuid primary key default gen_random_uuid(),
    event_key text not null,
    service text not null,
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    payload_hash text,
    created_at timestamptz not null default now()
);
comment on table public.webhook_events is 'Incoming webhook event log';
create index on public.webhook_events (tenant_id);

-- Access.

call access.tenant('audit_log');
call access.written_by('audit_log', 'gtm_system', 'operations');

call access.tenant('blueprint_requests');
call access.written_by('blueprint_requests', 'gtm_system', 'operations');

call access.tenant('leads');
call access.written_by('leads', 'gtm_system', 'operations');

call access.tenant('call_queue');
call access.written_by('call_queue', 'gtm_system', 'operations');

call access.tenant('conductor_goals');
call access.written_by('conductor_goals', 'gtm_system', 'operations');

call access.tenant('conductor_recommendations');
call access.written_by('conductor_recommendations', 'gtm_system', 'operations');

call access.tenant('conductor_signals');
call access.written_by('conductor_signals', 'gtm_system', 'operations');

call access.tenant('conductor_tasks');
call access.written_by('conductor_tasks', 'gtm_system', 'operations');

call access.tenant('credentials');
call access.written_by('credentials', 'gtm_system', 'operations');

call access.tenant('events');
call access.written_by('events', 'gtm_system', 'operations');

call access.tenant('fb_purchasers');
call access.written_by('fb_purchasers', 'gtm_system', 'operations');

call access.tenant('metrics');
call access.written_by('metrics', 'gtm_system', 'operations');

call access.tenant('reply_pipeline');
call access.written_by('reply_pipeline', 'gtm_system', 'operations');

call access.tenant('system_health');
call access.written_by('system_health', 'gtm_system', 'operations');

call access.tenant('webhook_events');
call access.written_by('webhook_events', 'gtm_system', 'operations');
