-- Money and numbers: revenue, bank lines, channel costs, daily figures and what AI calls cost.
-- All money is in integer cents of the row's currency, save the fractions of a cent of one AI call.

create table public.ai_usage_logs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid references public.tenants (id) on delete restrict,
    source text not null default 'gtm-system',
    caller text not null,
    model text not null,
    input_tokens integer not null default 0 check (input_tokens >= 0),
    output_tokens integer not null default 0 check (output_tokens >= 0),
    cache_read_tokens integer not null default 0 check (cache_read_tokens >= 0),
    cache_creation_tokens integer not null default 0 check (cache_creation_tokens >= 0),
    estimated_cost_cents numeric not null default 0 check (estimated_cost_cents >= 0),
    duration_ms integer not null default 0 check (duration_ms >= 0),
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.ai_usage_logs is
    'One call of a model: what it read, wrote, took and cost; only added to';
comment on column public.ai_usage_logs.tenant_id is 'Null for the call of an account without a tenant';
comment on column public.ai_usage_logs.source is 'The component that called';
comment on column public.ai_usage_logs.caller is 'The function or the slug of the prompt';
comment on column public.ai_usage_logs.input_tokens is 'Without those read from or written to the cache';
comment on column public.ai_usage_logs.estimated_cost_cents is
    'US cents with fractions, at the price of the moment of the call';
comment on column public.ai_usage_logs.metadata is
    'team_id, user_id, job_id, prompt_version, ok, error, request_id, unpriced; never a prompt or an answer';
-- Two indexes and no more: a row is written with every call.
create index on public.ai_usage_logs (created_at);
create index on public.ai_usage_logs (tenant_id, caller, created_at);

create table public.analytics_daily_summary (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    date date not null,
    source_channel text not null default 'all',
    leads_count integer default 0 check (leads_count >= 0),
    emails_sent integer default 0 check (emails_sent >= 0),
    emails_opened integer default 0 check (emails_opened >= 0),
    emails_replied integer default 0 check (emails_replied >= 0),
    emails_bounced integer default 0 check (emails_bounced >= 0),
    meetings_booked integer default 0 check (meetings_booked >= 0),
    meetings_completed integer default 0 check (meetings_completed >= 0),
    meetings_cancelled integer default 0 check (meetings_cancelled >= 0),
    pipeline_total integer default 0 check (pipeline_total >= 0),
    pipeline_completed integer default 0 check (pipeline_completed >= 0),
    pipeline_positive integer default 0 check (pipeline_positive >= 0),
    enrichment_leads_processed integer default 0 check (enrichment_leads_processed >= 0),
    enrichment_emails_found integer default 0 check (enrichment_emails_found >= 0),
    enrichment_pushed_to_campaign integer default 0 check (enrichment_pushed_to_campaign >= 0),
    reply_to_lead_rate numeric default 0,
    meeting_to_reply_rate numeric default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (tenant_id, date, source_channel)
);
comment on table public.analytics_daily_summary is
    'What a day brought, per channel and in one row "all"; may be rebuilt from its sources at any time';
comment on column public.analytics_daily_summary.date is 'A day in the tenant''s own timezone';
comment on column public.analytics_daily_summary.source_channel is
    'The row "all" is counted by itself and not summed: a lead may have no channel';
comment on column public.analytics_daily_summary.reply_to_lead_rate is 'Replies per 100 leads';
comment on column public.analytics_daily_summary.meeting_to_reply_rate is 'Meetings booked per 100 replies';
call platform.maintain_updated_at('analytics_daily_summary');

create table public.channel_costs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    channel text not null check (btrim(channel) <> ''),
    cost_type text not null check (cost_type in ('subscription', 'usage', 'ad_spend')),
    amount_cents integer not null check (amount_cents >= 0),
    period_start date not null,
    period_end date not null,
    notes text,
    created_at timestamptz not null default now(),
    constraint channel_costs_period check (period_end >= period_start)
);
comment on table public.channel_costs is 'What a marketing channel cost in a period';
comment on column public.channel_costs.period_end is 'The last day of the period, which belongs to it';
create index on public.channel_costs (tenant_id, channel, period_start);

create table public.financial_sync_config (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    source_type text not null default 'airtable' check (source_type in ('airtable', 'plaid', 'csv')),
    airtable_base_id text,
    airtable_table_id text,
    sync_interval_min integer not null default 30 check (sync_interval_min > 0),
    last_synced_at timestamptz,
    last_sync_status text check (last_sync_status in ('running', 'success', 'error')),
    last_sync_error text,
    config jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    consecutive_errors integer not null default 0 check (consecutive_errors >= 0),
    unique (tenant_id, source_type)
);
comment on table public.financial_sync_config is
    'Where a tenant''s bank lines come from, and how the last fetch went';
comment on column public.financial_sync_config.sync_interval_min is 'Minutes between two fetches';
comment on column public.financial_sync_config.config is
    'Field mapping, sign, start date and the reference of the secret; never the token itself';
comment on column public.financial_sync_config.consecutive_errors is 'The third in a row raises an alert';
call platform.maintain_updated_at('financial_sync_config');

create table public.financial_transactions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    external_id text not null,
    vendor_name text not null,
    raw_name text,
    amount_cents integer not null,
    currency text not null default 'USD' check (currency ~ '^[A-Za-z]{3}$'),
    transaction_date date not null,
    category text,
    subcategory text,
    channel text,
    classification text not null default 'pending'
        check (classification in ('pending', 'rule', 'ai', 'manual', 'ignored')),
    confidence double precision check (confidence between 0 and 1),
    account_name text,
    is_business boolean default true,
    plaid_transaction_id text,
    metadata jsonb default '{}'::jsonb,
    synced_at timestamptz not null default now(),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, external_id)
);
comment on table public.financial_transactions is 'A line of a bank account or card, and what it was for';
comment on column public.financial_transactions.vendor_name is 'Cleaned; raw_name is as delivered';
comment on column public.financial_transactions.amount_cents is 'Money out is positive, money in negative';
comment on column public.financial_transactions.channel is
    'The marketing channel it belongs to; null for overhead';
comment on column public.financial_transactions.classification is
    'Who said what it is; "ignored" are transfers between own accounts';
comment on column public.financial_transactions.confidence is 'From 0 to 1; a rule or a person is 1';
comment on column public.financial_transactions.is_business is 'False is private, and counts nowhere';
comment on column public.financial_transactions.metadata is
    'The record as delivered, the suggestion of the AI, and channel_cost_id when it is counted as that cost';
create index on public.financial_transactions (tenant_id, classification, transaction_date);
create index on public.financial_transactions (tenant_id, transaction_date desc);
create index on public.financial_transactions (tenant_id, lower(vendor_name));
call platform.maintain_updated_at('financial_transactions');
-- What a person said or set aside is never taken back by a rule or the AI.
call access.state_machine('financial_transactions', 'classification', '{
    "pending": ["rule", "ai", "manual", "ignored"],
    "rule": ["pending", "ai", "manual", "ignored"],
    "ai": ["pending", "rule", "manual", "ignored"],
    "manual": ["pending", "ignored"],
    "ignored": ["pending", "manual"]
}');

create table public.revenue_products (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    stripe_product_id text not null check (stripe_product_id <> ''),
    name text not null check (btrim(name) <> ''),
    category text not null check (category in ('bootcamp', 'infrastructure', 'saas', 'other')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, stripe_product_id)
);
comment on table public.revenue_products is
    'What a tenant''s Stripe products are; goes before guessing by their names';
call platform.maintain_updated_at('revenue_products');

create table public.revenue_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    stripe_event_id text not null unique,
    stripe_customer_id text,
    stripe_subscription_id text,
    stripe_invoice_id text,
    stripe_charge_id text,
    event_type text not null check (event_type in (
        'payment', 'subscription_created', 'subscription_updated', 'subscription_cancelled', 'refund'
    )),
    amount_cents integer not null,
    currency text not null default 'usd' check (currency ~ '^[A-Za-z]{3}$'),
    product_name text,
    product_category text check (product_category in ('bootcamp', 'infrastructure', 'saas', 'other')),
    is_recurring boolean not null default false,
    lead_id uuid references public.leads (id) on delete set null,
    customer_email text,
    attribution_channel text,
    mrr_impact_cents integer default 0,
    stripe_created_at timestamptz,
    created_at timestamptz not null default now(),
    classification text default 'auto' check (classification in ('auto', 'manual', 'excluded')),
    updated_at timestamptz,
    stripe_refund_id text,
    stripe_product_id text,
    constraint revenue_events_refund_is_negative check (event_type <> 'refund' or amount_cents <= 0)
);
comment on table public.revenue_events is
    'One fact of revenue that Stripe told: cash in or out, or a change of a subscription';
comment on column public.revenue_events.stripe_event_id is
    'Recorded once; a row made by a backfill has backfill_charge_<charge> instead';
comment on column public.revenue_events.amount_cents is
    'Effect on cash, negative for a refund; 0 for changes of a subscription';
comment on column public.revenue_events.mrr_impact_cents is
    'Change of monthly recurring revenue; 0 for payments and refunds';
comment on column public.revenue_events.is_recurring is 'The payment of a subscription''s invoice';
comment on column public.revenue_events.lead_id is 'The lead to whom the money was traced';
comment on column public.revenue_events.attribution_channel is
    'heyreach, plusvibe, organic, magnetlab, blueprint, bootcamp, paid_ads, affiliate, unknown, or a source '
    'that the sale itself names';
comment on column public.revenue_events.stripe_created_at is
    'The date of the business; created_at is that of the row';
comment on column public.revenue_events.classification is
    '"manual": a person said what it was, which stays; "excluded": tests and doubles, in no sum';
create index on public.revenue_events (tenant_id, stripe_created_at);
create index on public.revenue_events (tenant_id, attribution_channel);
create index on public.revenue_events (stripe_subscription_id);
create index on public.revenue_events (stripe_customer_id);
create index on public.revenue_events (lower(customer_email));
create index on public.revenue_events (lead_id);
-- The same money arrives as a live event and by a backfill, under two ids: it counts once.
create unique index revenue_events_invoice_key on public.revenue_events (stripe_invoice_id)
where event_type = 'payment' and classification is distinct from 'excluded';
create unique index revenue_events_charge_key on public.revenue_events (stripe_charge_id)
where event_type = 'payment' and classification is distinct from 'excluded';
create unique index revenue_events_refund_key on public.revenue_events (stripe_refund_id)
where event_type = 'refund' and classification is distinct from 'excluded';
call platform.maintain_updated_at('revenue_events');

create table public.revenue_reconciliations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    date date not null,
    currency text not null default 'usd' check (currency ~ '^[A-Za-z]{3}$'),
    stripe_cents bigint not null,
    recorded_cents bigint not null,
    missing_ids text[] not null default '{}',
    checked_at timestamptz not null default now(),
    unique (tenant_id, date, currency)
);
comment on table public.revenue_reconciliations is
    'What Stripe says a day brought, beside what is recorded of it';
comment on column public.revenue_reconciliations.missing_ids is
    'Charges and refunds that Stripe has and we lack';

create table public.vendor_channel_rules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    vendor_pattern text not null check (btrim(vendor_pattern) <> ''),
    channel text,
    category text,
    subcategory text,
    is_business boolean default true,
    created_by text not null default 'manual' check (created_by in ('manual', 'ai', 'system')),
    created_at timestamptz not null default now()
);
comment on table public.vendor_channel_rules is
    'What the bank lines of a vendor are for; the longest pattern wins';
comment on column public.vendor_channel_rules.vendor_pattern is
    'A part of the vendor''s name in any case; * stands for anything';
create unique index vendor_channel_rules_pattern_key
on public.vendor_channel_rules (tenant_id, lower(vendor_pattern));

-- Money is for those who run the business: the claim of a service, or a profile of an owner or admin.

create function access.administered_tenant_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select coalesce(
        nullif(auth.jwt() ->> 'tenant_id', '')::uuid,
        (
            select p.tenant_id from public.profiles as p
            where p.id = auth.uid() and p.role in ('owner', 'admin')
        )
    )
$$;
comment on function access.administered_tenant_id() is
    'The tenant for which somebody acts, when they are its owner or an admin of it';

insert into access.definer_functions (function_name, reason) values
    (
        'access.administered_tenant_id',
        'Answers the caller''s own tenant; profiles are themselves under its rule'
    );

grant execute on function access.administered_tenant_id()
to authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create procedure access.tenant_admins(
    target text,
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    predicate constant text := '{row}.tenant_id = (select access.administered_tenant_id())';
begin
    call access.set_scope(
        target, 'tenant', 'tenant_id, owners and admins', predicate, predicate, 0, commands);
end
$$;
comment on procedure access.tenant_admins(text, text[]) is
    'The row belongs to a tenant, for its owner and admins alone';

-- Access.

call access.tenant_admins('ai_usage_logs', commands => '{select}');
call access.written_by('ai_usage_logs', 'gtm_system', 'finance');

call access.tenant_admins('analytics_daily_summary', commands => '{select}');
call access.written_by('analytics_daily_summary', 'gtm_system', 'finance');

call access.tenant_admins('channel_costs');
call access.written_by('channel_costs', 'gtm_system', 'finance');

call access.tenant_admins('financial_sync_config', commands => '{select}');
call access.written_by('financial_sync_config', 'gtm_system', 'finance');

-- Of a bank line people say what it was for; the money and the date are the bank's.
call access.tenant_admins('financial_transactions', commands => '{select, update}');
call access.guard(
    'financial_transactions',
    '{id, tenant_id, external_id, vendor_name, raw_name, amount_cents, currency, transaction_date, '
    'account_name, plaid_transaction_id, metadata, synced_at, created_at, updated_at}');
call access.written_by('financial_transactions', 'gtm_system', 'finance');

call access.tenant_admins('revenue_products');
call access.written_by('revenue_products', 'gtm_system', 'finance');

-- Of a payment people say what was sold and where the customer came from.
call access.tenant_admins('revenue_events', commands => '{select, update}');
call access.guard(
    'revenue_events',
    '{id, tenant_id, stripe_event_id, stripe_customer_id, stripe_subscription_id, stripe_invoice_id, '
    'stripe_charge_id, stripe_refund_id, stripe_product_id, event_type, amount_cents, currency, '
    'is_recurring, customer_email, mrr_impact_cents, stripe_created_at, created_at, updated_at}');
call access.written_by('revenue_events', 'gtm_system', 'finance');

call access.tenant_admins('revenue_reconciliations', commands => '{select}');
call access.written_by('revenue_reconciliations', 'gtm_system', 'finance');

call access.tenant_admins('vendor_channel_rules');
call access.written_by('vendor_channel_rules', 'gtm_system', 'finance');
