-- The tables of finance.

create table public.ai_usage_logs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid,
    source text not null default 'gtm-system',
    caller text not null,
    model text not null,
    input_tokens integer not null default 0,
    output_tokens integer not null default 0,
    cache_read_tokens integer not null default 0,
    cache_creation_tokens integer not null default 0,
    estimated_cost_cents numeric not null default 0,
    duration_ms integer not null default 0,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.ai_usage_logs is 'AI cost tracking';

create table public.analytics_daily_summary (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    date date not null,
    source_channel text not null default 'all',
    leads_count integer default 0,
    emails_sent integer default 0,
    emails_opened integer default 0,
    emails_replied integer default 0,
    emails_bounced integer default 0,
    meetings_booked integer default 0,
    meetings_completed integer default 0,
    meetings_cancelled integer default 0,
    pipeline_total integer default 0,
    pipeline_completed integer default 0,
    pipeline_positive integer default 0,
    enrichment_leads_processed integer default 0,
    enrichment_emails_found integer default 0,
    enrichment_pushed_to_campaign integer default 0,
    reply_to_lead_rate numeric default 0,
    meeting_to_reply_rate numeric default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.analytics_daily_summary is 'Daily metrics rollup';
call platform.maintain_updated_at('analytics_daily_summary');

create table public.channel_costs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    channel text not null,
    cost_type text not null,
    amount_cents integer not null,
    period_start date not null,
    period_end date not null,
    notes text,
    created_at timestamptz not null default now()
);
comment on table public.channel_costs is 'DESCRIBE';
create index on public.channel_costs (tenant_id);

create table public.financial_sync_config (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    source_type text not null default 'airtable',
    airtable_base_id text,
    airtable_table_id text,
    sync_interval_min integer not null default 30,
    last_synced_at timestamptz,
    last_sync_status text,
    last_sync_error text,
    config jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.financial_sync_config is 'Stripe sync config';
create index on public.financial_sync_config (tenant_id);
call platform.maintain_updated_at('financial_sync_config');

create table public.financial_transactions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    external_id text not null,
    vendor_name text not null,
    raw_name text,
    amount_cents integer not null,
    currency text not null default 'USD',
    transaction_date date not null,
    category text,
    subcategory text,
    channel text,
    classification text not null default 'pending',
    confidence double precision,
    account_name text,
    is_business boolean default true,
    plaid_transaction_id text,
    metadata jsonb default '{}'::jsonb,
    synced_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.financial_transactions is 'Revenue tracking';
create index on public.financial_transactions (tenant_id);
call platform.maintain_updated_at('financial_transactions');

create table public.revenue_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    stripe_event_id text not null,
    stripe_customer_id text,
    stripe_subscription_id text,
    stripe_invoice_id text,
    stripe_charge_id text,
    event_type text not null,
    amount_cents integer not null,
    currency text not null default 'usd',
    product_name text,
    product_category text,
    is_recurring boolean not null default false,
    lead_id uuid,
    customer_email text,
    attribution_channel text,
    mrr_impact_cents integer default 0,
    stripe_created_at timestamptz,
    created_at timestamptz not null default now(),
    classification text default 'auto',
    updated_at timestamptz
);
comment on table public.revenue_events is 'Revenue event log';
create index on public.revenue_events (tenant_id);
call platform.maintain_updated_at('revenue_events');

create table public.vendor_channel_rules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    vendor_pattern text not null,
    channel text,
    category text,
    subcategory text,
    is_business boolean default true,
    created_by text not null default 'manual',
    created_at timestamptz not null default now()
);
comment on table public.vendor_channel_rules is 'DESCRIBE';
create index on public.vendor_channel_rules (tenant_id);

-- Access.

call access.tenant('ai_usage_logs');
call access.written_by('ai_usage_logs', 'gtm_system', 'finance');

call access.tenant('analytics_daily_summary');
call access.written_by('analytics_daily_summary', 'gtm_system', 'finance');

call access.tenant('channel_costs');
call access.written_by('channel_costs', 'gtm_system', 'finance');

call access.tenant('financial_sync_config');
call access.written_by('financial_sync_config', 'gtm_system', 'finance');

call access.tenant('financial_transactions');
call access.written_by('financial_transactions', 'gtm_system', 'finance');

call access.tenant('revenue_events');
call access.written_by('revenue_events', 'gtm_system', 'finance');

call access.tenant('vendor_channel_rules');
call access.written_by('vendor_channel_rules', 'gtm_system', 'finance');
