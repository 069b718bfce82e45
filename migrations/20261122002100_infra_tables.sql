-- The tables of infra.

create table public.infra_tiers (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    slug text not null,
    domain_count integer not null,
    mailboxes_per_domain integer not null default 2,
    setup_fee_cents integer not null,
    monthly_fee_cents integer not null,
    stripe_setup_price_id text,
    stripe_monthly_price_id text,
    is_active boolean default true,
    sort_order integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.infra_tiers is 'Starter/Growth/Scale tiers';
call platform.maintain_updated_at('infra_tiers');

create table public.infra_provisions (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    tier_id uuid references public.infra_tiers (id) on delete set null,
    status text not null default 'pending_payment',
    stripe_checkout_session_id text,
    stripe_subscription_id text,
    stripe_customer_id text,
    mailbox_pattern_1 text,
    mailbox_pattern_2 text,
    zapmail_workspace_id text,
    zapmail_workspace_key text,
    plusvibe_workspace_id text,
    plusvibe_client_id text,
    plusvibe_client_email text,
    plusvibe_client_password text,
    heyreach_list_id bigint,
    provisioning_log jsonb default '[]'::jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    service_provider text not null default 'GOOGLE',
    product_type text not null default 'email_infra',
    linked_provision_id uuid references public.infra_provisions (id) on delete set null
);
comment on table public.infra_provisions is 'Provisioning jobs';
create index on public.infra_provisions (linked_provision_id);
create index on public.infra_provisions (tier_id);
create index on public.infra_provisions (student_id);
call platform.maintain_updated_at('infra_provisions');

create table public.infra_domains (
    id uuid primary key default gen_random_uuid(),
    provision_id uuid not null references public.infra_provisions (id) on delete restrict,
    domain_name text not null,
    zapmail_domain_id text,
    status text not null default 'pending',
    mailboxes jsonb default '[]'::jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    service_provider text not null default 'GOOGLE'
);
comment on table public.infra_domains is 'Provisioned domains';
create index on public.infra_domains (provision_id);
call platform.maintain_updated_at('infra_domains');

create table public.infra_outreach_pricing (
    id uuid primary key default gen_random_uuid(),
    setup_fee_cents integer not null default 0,
    monthly_fee_cents integer not null default 0,
    stripe_setup_price_id text,
    stripe_monthly_price_id text,
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.infra_outreach_pricing is 'DESCRIBE';
call platform.maintain_updated_at('infra_outreach_pricing');

-- Access.

call access.service_only('infra_tiers');
call access.written_by('infra_tiers', 'gtm_system', 'infra');

call access.through('infra_provisions', 'linked_provision_id', 'infra_provisions');
call access.written_by('infra_provisions', 'gtm_system', 'infra');

call access.through('infra_domains', 'provision_id', 'infra_provisions');
call access.written_by('infra_domains', 'gtm_system', 'infra');

call access.service_only('infra_outreach_pricing');
call access.written_by('infra_outreach_pricing', 'gtm_system', 'infra');
