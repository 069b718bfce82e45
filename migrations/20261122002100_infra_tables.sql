-- The tables of infra: what outreach infrastructure costs, who bought it, and how far it is built.

create table public.infra_tiers (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    slug text not null,
    domain_count integer not null check (domain_count > 0),
    mailboxes_per_domain integer not null default 2 check (mailboxes_per_domain > 0),
    setup_fee_cents integer not null check (setup_fee_cents >= 0),
    monthly_fee_cents integer not null check (monthly_fee_cents >= 0),
    stripe_setup_price_id text,
    stripe_monthly_price_id text,
    is_active boolean default true,
    sort_order integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, slug)
);
comment on table public.infra_tiers is 'A package of sending domains and mailboxes for sale';
comment on column public.infra_tiers.stripe_setup_price_id is 'One-time; sellable only with both prices';
comment on column public.infra_tiers.stripe_monthly_price_id is 'Recurring';
call platform.maintain_updated_at('infra_tiers');

create table public.infra_outreach_pricing (
    id uuid primary key default gen_random_uuid(),
    setup_fee_cents integer not null default 0 check (setup_fee_cents >= 0),
    monthly_fee_cents integer not null default 0 check (monthly_fee_cents >= 0),
    stripe_setup_price_id text,
    stripe_monthly_price_id text,
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.infra_outreach_pricing is
    'What the outreach tools cost; one price at a time is active';
create index on public.infra_outreach_pricing (tenant_id);
create unique index infra_outreach_pricing_one_active on public.infra_outreach_pricing (tenant_id)
where is_active;
call platform.maintain_updated_at('infra_outreach_pricing');

create table public.infra_quotes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete cascade,
    products text[] not null
        check (products <@ array['email_infra', 'outreach_tools'] and cardinality(products) > 0),
    tier_id uuid references public.infra_tiers (id) on delete cascade,
    domains jsonb not null default '[]'::jsonb check (jsonb_typeof(domains) = 'array'),
    one_time_cents integer not null check (one_time_cents >= 0),
    monthly_cents integer not null check (monthly_cents >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table public.infra_quotes is 'A price that was shown and is charged, while it holds';
comment on column public.infra_quotes.domains is
    '[{domainName, serviceProvider, priceCents, renewPriceCents}]';
create index on public.infra_quotes (student_id, created_at desc);
create index on public.infra_quotes (tier_id);
create index on public.infra_quotes (expires_at);

create table public.infra_provisions (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    tier_id uuid references public.infra_tiers (id) on delete restrict,
    status text not null default 'pending_payment' check (status in (
        'pending_payment', 'provisioning', 'active', 'failed', 'cancelled', 'upgrading')),
    stripe_checkout_session_id text,
    stripe_subscription_id text,
    stripe_customer_id text,
    mailbox_pattern_1 text check (mailbox_pattern_1 ~ '^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$'),
    mailbox_pattern_2 text check (mailbox_pattern_2 ~ '^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$'),
    zapmail_workspace_id text,
    zapmail_workspace_key text,
    plusvibe_workspace_id text,
    plusvibe_client_id text,
    plusvibe_client_email text,
    plusvibe_client_password text,
    heyreach_list_id bigint,
    provisioning_log jsonb default '[]'::jsonb check (jsonb_typeof(provisioning_log) = 'array'),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    service_provider text not null default 'GOOGLE' check (service_provider in ('GOOGLE', 'MICROSOFT')),
    product_type text not null default 'email_infra'
        check (product_type in ('email_infra', 'outreach_tools')),
    linked_provision_id uuid references public.infra_provisions (id) on delete set null,
    lease_expires_at timestamptz,
    password_revealed_at timestamptz,
    payment_failed_at timestamptz,
    cancelled_at timestamptz,
    unique (student_id, product_type),
    check (mailbox_pattern_1 <> mailbox_pattern_2),
    constraint infra_provisions_outreach_without_mail check (
        product_type = 'email_infra'
        or (tier_id is null and mailbox_pattern_1 is null and mailbox_pattern_2 is null))
);
comment on table public.infra_provisions is 'One product that a student bought, and how far it is built';
comment on column public.infra_provisions.status is
    'failed can be resumed; upgrading: active, and more domains are being added';
comment on column public.infra_provisions.mailbox_pattern_1 is 'What stands before the @ of each domain';
comment on column public.infra_provisions.zapmail_workspace_key is 'Encrypted';
comment on column public.infra_provisions.plusvibe_client_password is 'Encrypted; the service tells it once';
comment on column public.infra_provisions.provisioning_log is
    '[{step, name, status: pending|in_progress|completed|failed|skipped, startedAt?, completedAt?, error?, '
    'details?}]';
comment on column public.infra_provisions.linked_provision_id is
    'Of outreach tools: the e-mail product it exports from';
comment on column public.infra_provisions.lease_expires_at is 'Until then one worker has it';
comment on column public.infra_provisions.password_revealed_at is
    'When the student was shown the password, once';
comment on column public.infra_provisions.payment_failed_at is 'Set while the last invoice is unpaid';
create index on public.infra_provisions (tier_id);
create index on public.infra_provisions (status);
create index on public.infra_provisions (stripe_subscription_id);
create index on public.infra_provisions (stripe_checkout_session_id);
create index on public.infra_provisions (linked_provision_id);
call platform.maintain_updated_at('infra_provisions');
call access.state_machine('infra_provisions', 'status', '{
    "pending_payment": ["provisioning", "cancelled"],
    "provisioning": ["active", "failed", "cancelled"],
    "active": ["upgrading", "cancelled"],
    "upgrading": ["active", "cancelled"],
    "failed": ["provisioning", "cancelled"],
    "cancelled": ["pending_payment"]
}');

create table public.infra_domains (
    id uuid primary key default gen_random_uuid(),
    provision_id uuid not null references public.infra_provisions (id) on delete cascade,
    domain_name text not null check (
        domain_name ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$' and length(domain_name) <= 253),
    zapmail_domain_id text,
    status text not null default 'pending' check (status in (
        'pending', 'purchasing', 'dns_pending', 'connected', 'active', 'failed')),
    mailboxes jsonb default '[]'::jsonb check (jsonb_typeof(mailboxes) = 'array'),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    service_provider text not null default 'GOOGLE' check (service_provider in ('GOOGLE', 'MICROSOFT')),
    price_cents integer check (price_cents >= 0),
    renew_price_cents integer check (renew_price_cents >= 0),
    purchased_at timestamptz,
    error_message text,
    unique (provision_id, domain_name)
);
comment on table public.infra_domains is 'One sending domain of an e-mail product';
comment on column public.infra_domains.status is
    'dns_pending: bought, its DNS settles; connected: without mailboxes yet; active: its mailboxes work';
comment on column public.infra_domains.mailboxes is
    '[{username, email, zapmailMailboxId?, plusvibeAccountId?}]';
create unique index infra_domains_live_domain_name on public.infra_domains (domain_name)
where status in ('purchasing', 'dns_pending', 'connected', 'active');
create index on public.infra_domains (zapmail_domain_id) where zapmail_domain_id is not null;
call platform.maintain_updated_at('infra_domains');
call access.state_machine('infra_domains', 'status', '{
    "pending": ["purchasing", "failed"],
    "purchasing": ["dns_pending", "failed"],
    "dns_pending": ["connected", "failed"],
    "connected": ["active", "failed"],
    "active": ["failed"],
    "failed": ["pending", "purchasing", "dns_pending", "connected"]
}');

-- Access.

call access.tenant('infra_tiers');
call access.student_where(
    'infra_tiers', '{row}.is_active and {row}.tenant_id = (select access.student_tenant_id())',
    'Students see what is for sale');
call access.public_read(
    'infra_tiers', '{row}.is_active',
    columns => '{
        id, name, slug, domain_count, mailboxes_per_domain, setup_fee_cents, monthly_fee_cents, sort_order
    }',
    reason => 'The price list');
call access.written_by('infra_tiers', 'gtm_system', 'infra');

call access.tenant('infra_outreach_pricing');
call access.student_where(
    'infra_outreach_pricing', '{row}.is_active and {row}.tenant_id = (select access.student_tenant_id())',
    'Students see what is for sale');
call access.public_read(
    'infra_outreach_pricing', '{row}.is_active',
    columns => '{id, setup_fee_cents, monthly_fee_cents}', reason => 'The price list');
call access.written_by('infra_outreach_pricing', 'gtm_system', 'infra');

-- Orders and their progress are the service's to write; operators act through it.
call access.through('infra_quotes', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('infra_quotes');
call access.written_by('infra_quotes', 'gtm_system', 'infra');

call access.through('infra_provisions', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('infra_provisions');
call access.secret('infra_provisions', '{zapmail_workspace_key, plusvibe_client_password}');
call access.written_by('infra_provisions', 'gtm_system', 'infra');

call access.through('infra_domains', 'provision_id', 'infra_provisions', commands => '{select}');
call access.student_where(
    'infra_domains',
    'exists (select from public.infra_provisions as p where p.id = {row}.provision_id '
    'and p.student_id = (select access.student_id()))',
    'A student sees the domains of what they bought');
call access.written_by('infra_domains', 'gtm_system', 'infra');
