-- The tables of identity.

create table public.api_keys (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null,
    key_hash text not null,
    key_prefix text not null,
    name text not null,
    is_active boolean default true,
    last_used_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.api_keys is 'MagnetLab API keys';

create table public.app_settings (
    key text not null,
    value text not null,
    updated_at timestamptz default now(),
    primary key (/* DECIDE */)
);
comment on table public.app_settings is 'DESCRIBE';
call platform.maintain_updated_at('app_settings');

create table public.users (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    password_hash text,
    name text,
    avatar_url text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    username text,
    default_vsl_url text,
    default_theme text default 'dark',
    default_primary_color text default '#8b5cf6',
    default_background_style text default 'solid',
    default_logo_url text,
    default_funnel_template text default 'social_proof',
    is_super_admin boolean not null default false
);
comment on table public.users is 'User accounts (linked to NextAuth)';
call platform.maintain_updated_at('users');

create table public.background_jobs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    job_type text not null,
    status text not null default 'pending',
    input jsonb not null default '{}'::jsonb,
    result jsonb,
    error text,
    trigger_task_id text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    started_at timestamptz,
    completed_at timestamptz
);
comment on table public.background_jobs is 'DESCRIBE';
create index on public.background_jobs (user_id);
call platform.maintain_updated_at('background_jobs');

create table public.integration_catalog (
    id text primary key,
    name text not null,
    type text not null,
    auth_type text not null default 'api_key',
    logo_url text,
    description text,
    config_schema jsonb default '{}'::jsonb,
    is_available boolean not null default true,
    sort_order integer not null default 0
);
comment on table public.integration_catalog is 'DESCRIBE';

create table public.tenants (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text not null,
    business_name text not null,
    stripe_customer_id text,
    stripe_subscription_id text,
    monthly_plan public.monthly_plan default 'starter'::public.monthly_plan,
    per_lead_rate_standard numeric default 2.5000,
    per_lead_rate_byok numeric default 0.7500,
    subdomain text,
    custom_domain text,
    vercel_project_id text,
    status public.tenant_status default 'setup_pending'::public.tenant_status,
    auth_user_id uuid,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    slug text,
    company_name text,
    is_active boolean default true,
    plan text default 'free'
);
comment on table public.tenants is 'DESCRIBE';
call platform.maintain_updated_at('tenants');

create table public.profiles (
    id uuid primary key,
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    email text,
    full_name text,
    role text not null default 'member',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.profiles is 'DESCRIBE';
create index on public.profiles (tenant_id);
call platform.maintain_updated_at('profiles');

create table public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    stripe_customer_id text,
    stripe_subscription_id text,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    plan text not null default 'free',
    status text not null default 'active'
);
comment on table public.subscriptions is 'Stripe subscription state';
create index on public.subscriptions (user_id);
call platform.maintain_updated_at('subscriptions');

create table public.team_activity_log (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null,
    user_id uuid not null,
    action text not null,
    target_type text,
    target_id text,
    details jsonb default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.team_activity_log is 'DESCRIBE';

create table public.team_members (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null references public.users (id) on delete restrict,
    member_id uuid references public.users (id) on delete set null,
    email text not null,
    status text default 'pending',
    invited_at timestamptz default now(),
    accepted_at timestamptz
);
comment on table public.team_members is 'Team membership';
create index on public.team_members (member_id);
create index on public.team_members (owner_id);

create table public.teams (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    description text,
    industry text,
    target_audience text,
    shared_goal text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    hide_branding boolean not null default false,
    custom_favicon_url text,
    custom_site_name text,
    custom_email_sender_name text,
    whitelabel_enabled boolean not null default false,
    custom_from_email text
);
comment on table public.teams is 'Team/workspace';
create index on public.teams (owner_id);
call platform.maintain_updated_at('teams');

create table public.team_profiles (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete set null,
    email text,
    full_name text not null,
    title text,
    linkedin_url text,
    bio text,
    expertise_areas jsonb default '[]'::jsonb,
    voice_profile jsonb default '{}'::jsonb,
    avatar_url text,
    role text not null default 'member',
    status text not null default 'active',
    is_default boolean default false,
    invited_at timestamptz,
    accepted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.team_profiles is 'Per-person content voice';
create index on public.team_profiles (team_id);
create index on public.team_profiles (user_id);
call platform.maintain_updated_at('team_profiles');

create table public.usage_tracking (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    month_year text not null,
    lead_magnets_created integer default 0,
    posts_scheduled integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.usage_tracking is 'Plan enforcement (free/pro/unlimited)';
create index on public.usage_tracking (user_id);
call platform.maintain_updated_at('usage_tracking');

-- Access.

call access.owner('api_keys');
call access.written_by('api_keys', 'magnetlab', 'identity');

call access.service_only('app_settings');
call access.written_by('app_settings', 'magnetlab', 'identity');

call access.service_only('users');
call access.written_by('users', 'magnetlab', 'identity');

call access.owner('background_jobs');
call access.written_by('background_jobs', 'magnetlab', 'identity');

call access.service_only('integration_catalog');
call access.written_by('integration_catalog', 'magnetlab', 'identity');

call access.service_only('tenants');
call access.written_by('tenants', 'magnetlab', 'identity');

call access.tenant('profiles');
call access.written_by('profiles', 'magnetlab', 'identity');

call access.owner('subscriptions');
call access.written_by('subscriptions', 'magnetlab', 'identity');

call access.owner('team_activity_log');
call access.written_by('team_activity_log', 'magnetlab', 'identity');

call access.through('team_members', 'member_id', 'users');
call access.written_by('team_members', 'magnetlab', 'identity');

call access.through('teams', 'owner_id', 'users');
call access.written_by('teams', 'magnetlab', 'identity');

call access.owner('team_profiles');
call access.written_by('team_profiles', 'magnetlab', 'identity');

call access.owner('usage_tracking');
call access.written_by('usage_tracking', 'magnetlab', 'identity');
