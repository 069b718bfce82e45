-- Accounts, sessions, keys, plans, teams and tenants, and the helpers that the access rules call.

create table public.users (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(btrim(email)) and email <> ''),
    password_hash text,
    name text,
    avatar_url text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    username text,
    default_vsl_url text,
    default_theme text default 'dark' check (default_theme in ('dark', 'light', 'custom')),
    default_primary_color text default '#8b5cf6' check (default_primary_color ~ '^#[0-9a-fA-F]{6}$'),
    default_background_style text default 'solid'
        check (default_background_style in ('solid', 'gradient', 'pattern')),
    default_logo_url text,
    default_funnel_template text default 'social_proof'
        check (default_funnel_template in ('minimal', 'social_proof', 'authority', 'full_suite')),
    is_super_admin boolean not null default false,
    email_verified_at timestamptz,
    constraint users_username_format check (username ~* '^[a-z0-9_-]{3,30}$'),
    constraint users_username_not_reserved check (
        not lower(username) = any (array[
            'admin', 'api', 'www', 'app', 'mail', 'email', 'support', 'help', 'info', 'contact', 'sales',
            'marketing', 'billing', 'account', 'accounts', 'login', 'logout', 'signup', 'register', 'auth',
            'dashboard', 'settings', 'profile', 'user', 'users', 'static', 'assets', 'public', 'private',
            'internal', 'system', 'root', 'null', 'undefined', 'test', 'demo', 'example', 'sample',
            'funnel', 'lead', 'leads', 'magnet', 'magnets', 'webhook', 'webhooks', 'library', 'create',
            'edit', 'delete', 'new', 'p', 'page', 'pages', 'post', 'posts', 'lodestone'
        ])
    )
);
comment on table public.users is 'One human account, known by its e-mail address';
comment on column public.users.password_hash is
    'argon2id, or an older bcrypt or SHA-256 form that the next good sign-in rewrites; null without a password';
comment on column public.users.username is 'The public namespace of the account: /p/{username}/{slug}';
comment on column public.users.is_super_admin is 'Opens the admin area; never set by the account itself';
create unique index users_username_key on public.users (lower(username));
call platform.maintain_updated_at('users');

create table public.tenants (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text not null,
    business_name text not null,
    stripe_customer_id text unique,
    stripe_subscription_id text unique,
    monthly_plan public.monthly_plan default 'starter'::public.monthly_plan,
    per_lead_rate_standard numeric default 2.5000,
    per_lead_rate_byok numeric default 0.7500,
    subdomain text unique,
    custom_domain text unique,
    vercel_project_id text,
    status public.tenant_status default 'setup_pending'::public.tenant_status,
    auth_user_id uuid references public.users (id) on delete set null,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    slug text unique,
    company_name text,
    is_active boolean default true,
    plan text default 'free'
);
comment on table public.tenants is 'One business whose leads, messages and money are kept apart from all others';
comment on column public.tenants.per_lead_rate_standard is 'US dollars per lead with the platform''s AI keys';
comment on column public.tenants.per_lead_rate_byok is 'US dollars per lead with the tenant''s own AI keys';
comment on column public.tenants.plan is 'Of the former application; monthly_plan is what a tenant pays for';
create index on public.tenants (auth_user_id);
call platform.maintain_updated_at('tenants');

create table public.profiles (
    id uuid primary key,
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    email text,
    full_name text,
    role text not null default 'member' check (role in ('owner', 'admin', 'member', 'viewer')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.profiles is 'The tenant that an account works for, and its role there';
comment on column public.profiles.id is
    'The account: users.id, or for adopted rows an id of the earlier sign-in system (so no foreign key)';
create index on public.profiles (tenant_id);
call platform.maintain_updated_at('profiles');

create table public.teams (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null references public.users (id) on delete restrict,
    name text not null check (btrim(name) <> ''),
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
    custom_from_email text,
    is_personal boolean not null default false
);
comment on table public.teams is 'A workspace, often one client brand, with one owner';
comment on column public.teams.is_personal is
    'The workspace made with the account, which carries what needs a team when no other is chosen';
create index on public.teams (owner_id);
create unique index teams_personal_key on public.teams (owner_id) where is_personal;
call platform.maintain_updated_at('teams');

create table public.team_profiles (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete cascade,
    user_id uuid references public.users (id) on delete set null,
    email text check (email = lower(btrim(email))),
    full_name text not null,
    title text,
    linkedin_url text,
    bio text,
    expertise_areas jsonb default '[]'::jsonb,
    voice_profile jsonb default '{}'::jsonb,
    avatar_url text,
    role text not null default 'member' check (role in ('owner', 'member')),
    status text not null default 'active' check (status in ('pending', 'active', 'removed')),
    is_default boolean default false,
    invited_at timestamptz,
    accepted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (team_id, email)
);
comment on table public.team_profiles is 'A person in a team: their access, and the voice they publish in';
comment on column public.team_profiles.voice_profile is
    'Tone, vocabulary, banned and signature phrases, storytelling style';
create index on public.team_profiles (user_id);
create unique index team_profiles_default_key on public.team_profiles (team_id) where is_default;
call platform.maintain_updated_at('team_profiles');
call access.state_machine('team_profiles', 'status', '{
    "pending": ["active", "removed"],
    "active": ["removed"],
    "removed": ["pending", "active"]
}');

-- A person may edit their own row, and must not carry it into somebody else's team.
create trigger keep_team before update of team_id on public.team_profiles for each row
when (old.team_id is distinct from new.team_id) execute function access.refuse_new_owner('team_id');

create table public.team_members (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null references public.users (id) on delete cascade,
    member_id uuid references public.users (id) on delete set null,
    email text not null check (email = lower(btrim(email))),
    status text default 'pending' check (status in ('pending', 'active', 'removed')),
    invited_at timestamptz default now(),
    accepted_at timestamptz,
    unique (owner_id, email)
);
comment on table public.team_members is
    'The earlier invitation by an owner: read-only access to the owner''s lead magnets';
create index on public.team_members (member_id);
call access.state_machine('team_members', 'status', '{
    "pending": ["active", "removed"],
    "active": ["removed"],
    "removed": ["pending", "active"]
}');

create table public.team_activity_log (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    action text not null,
    target_type text,
    target_id text,
    details jsonb default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.team_activity_log is 'What people did in a team: names of changed fields, never values';
comment on column public.team_activity_log.target_type is
    'The kind of thing that target_id names, such as team or profile';
create index on public.team_activity_log (team_id, created_at desc);
create index on public.team_activity_log (user_id);

create table public.subscriptions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null unique references public.users (id) on delete restrict,
    stripe_customer_id text unique,
    stripe_subscription_id text unique,
    current_period_start timestamptz,
    current_period_end timestamptz,
    cancel_at_period_end boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    plan text not null default 'free' check (plan in ('free', 'pro', 'unlimited')),
    status text not null default 'active'
        check (status in ('active', 'trialing', 'past_due', 'canceled', 'incomplete', 'unpaid'))
);
comment on table public.subscriptions is 'The plan of an account, as Stripe last told it';
call platform.maintain_updated_at('subscriptions');

create table public.usage_tracking (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    month_year text not null check (month_year ~ '^\d{4}-(0[1-9]|1[0-2])$'),
    lead_magnets_created integer default 0 check (lead_magnets_created >= 0),
    posts_scheduled integer default 0 check (posts_scheduled >= 0),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (user_id, month_year)
);
comment on table public.usage_tracking is 'What an account used of its plan in a calendar month (UTC)';
call platform.maintain_updated_at('usage_tracking');

create table public.api_keys (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    key_hash text not null unique,
    key_prefix text not null,
    name text not null check (char_length(name) between 1 and 100),
    is_active boolean default true,
    last_used_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.api_keys is 'Keys with which programs act for an account';
comment on column public.api_keys.key_hash is 'SHA-256 of the whole key, in hexadecimal';
comment on column public.api_keys.key_prefix is 'The last four characters of the key, for display';
create index on public.api_keys (user_id);

create table public.app_settings (
    key text primary key,
    value text not null,
    updated_at timestamptz default now()
);
comment on table public.app_settings is 'Switches of the installation, such as the beta that lifts all limits';
call platform.maintain_updated_at('app_settings');

create table public.background_jobs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    job_type text not null,
    status text not null default 'pending'
        check (status in ('pending', 'processing', 'completed', 'failed')),
    input jsonb not null default '{}'::jsonb,
    result jsonb,
    error text,
    trigger_task_id text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    started_at timestamptz,
    completed_at timestamptz
);
comment on table public.background_jobs is 'Long work that a person started, with its result';
comment on column public.background_jobs.job_type is
    'ideation, extraction, polish, posts, emails, content-generation or content-polish; open for more';
create index on public.background_jobs (user_id, created_at desc);
call platform.maintain_updated_at('background_jobs');
call access.state_machine('background_jobs', 'status', '{
    "pending": ["processing", "failed"],
    "processing": ["completed", "failed", "pending"],
    "failed": ["pending"]
}');

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
comment on table public.integration_catalog is 'The outside services that an account can connect';
comment on column public.integration_catalog.auth_type is 'How an account connects it: api_key or oauth';
comment on column public.integration_catalog.type is
    'The group that the service is shown in, such as email or crm';

create table public.user_sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    token_hash text not null unique,
    user_agent text,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null
);
comment on table public.user_sessions is 'Signed-in browsers; the cookie holds the token, this row its hash';
create index on public.user_sessions (user_id);
create index on public.user_sessions (expires_at);

create table public.login_attempts (
    id uuid primary key default gen_random_uuid(),
    identifier text not null,
    attempted_at timestamptz not null default now()
);
comment on table public.login_attempts is 'Failed sign-ins, kept as long as they count against the limit';
comment on column public.login_attempts.identifier is 'A keyed hash of the e-mail or network address';
create index on public.login_attempts (identifier, attempted_at);
create index on public.login_attempts (attempted_at);

-- The helpers. They read tables whose own rules call them, so they run as their owner; each answers only
-- about whoever acts.

create function public.auth_tenant_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select coalesce(
        nullif(auth.jwt() ->> 'tenant_id', '')::uuid,
        (select p.tenant_id from public.profiles as p where p.id = auth.uid())
    )
$$;
comment on function public.auth_tenant_id() is 'The tenant for which somebody acts: the claim, else the profile';

create function access.team_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select t.id from public.teams as t where t.owner_id = auth.uid()
        union
        select p.team_id from public.team_profiles as p
        where p.user_id = auth.uid() and p.status = 'active'
    )
$$;
comment on function access.team_ids() is 'The teams that the acting user owns or belongs to';

create function access.owned_team_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(select t.id from public.teams as t where t.owner_id = auth.uid())
$$;
comment on function access.owned_team_ids() is 'The teams that the acting user owns';

create function access.default_tenant_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select coalesce(
        public.auth_tenant_id(),
        (
            select (array_agg(t.id))[1] from (select t.id from public.tenants as t limit 2) as t
            having count(*) = 1
        )
    )
$$;
comment on function access.default_tenant_id() is
    'The tenant of a new row that names none: the actor''s, else the only one of the installation';

insert into access.definer_functions (function_name, reason) values
    ('public.auth_tenant_id', 'Answers the caller''s own tenant; profiles are themselves under its rule'),
    ('access.team_ids', 'Answers the caller''s own teams; team tables are themselves under its rule'),
    ('access.owned_team_ids', 'Answers the caller''s own teams; team tables are themselves under its rule'),
    ('access.default_tenant_id', 'Answers the caller''s own tenant, or the only one there is');

grant execute on function
    public.auth_tenant_id(), access.team_ids(), access.owned_team_ids(), access.default_tenant_id()
to anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

-- Access.

call access.owner('users', user_column => 'id', commands => '{select, update}');
call access.secret('users', '{password_hash}');
call access.guard('users', '{id, email, is_super_admin, email_verified_at, created_at}');
call access.written_by('users', 'magnetlab', 'identity', '{gtm_system, copy_of_gtm_os}');

call access.tenant('tenants', tenant_column => 'id', commands => '{select}');
call access.written_by('tenants', 'magnetlab', 'identity', '{gtm_system, copy_of_gtm_os, leadmagnet_backend}');

call access.tenant('profiles', commands => '{select}');
call access.self('profiles', user_column => 'id');
call access.written_by('profiles', 'magnetlab', 'identity', '{gtm_system}');

call access.owner('teams', user_column => 'owner_id');
call access.members('teams', team_column => 'id');
call access.guard('teams', '{is_personal}');
call access.written_by('teams', 'magnetlab', 'identity', '{gtm_system}');

call access.team('team_profiles', owners_only => true, commands => '{select, insert, update}');
call access.members('team_profiles');
call access.self('team_profiles', commands => '{select, update}');
call access.guard('team_profiles', '{user_id, role, status, accepted_at}');
call access.written_by('team_profiles', 'magnetlab', 'identity', '{gtm_system}');

call access.owner('team_members', user_column => 'owner_id');
call access.self('team_members', user_column => 'member_id');
call access.guard('team_members', '{member_id, status, accepted_at}');
call access.written_by('team_members', 'magnetlab', 'identity');

call access.team('team_activity_log', commands => '{select}');
call access.written_by('team_activity_log', 'magnetlab', 'identity');

call access.owner('subscriptions', commands => '{select}');
call access.written_by('subscriptions', 'magnetlab', 'identity', '{gtm_system}');

call access.owner('usage_tracking', commands => '{select}');
call access.written_by('usage_tracking', 'magnetlab', 'identity');

call access.owner('api_keys', commands => '{select, delete}');
call access.secret('api_keys', '{key_hash}');
call access.written_by('api_keys', 'magnetlab', 'identity');

call access.service_only('app_settings');
call access.written_by('app_settings', 'magnetlab', 'identity');

call access.owner('background_jobs', commands => '{select}');
call access.written_by('background_jobs', 'magnetlab', 'identity');

call access.service_only('integration_catalog');
call access.public_read(
    'integration_catalog', '{row}.is_available', roles => '{authenticated}',
    reason => 'The same list for everybody who is signed in');
call access.written_by('integration_catalog', 'magnetlab', 'identity');

call access.service_only('user_sessions');
call access.secret('user_sessions', '{token_hash}');
call access.written_by('user_sessions', 'magnetlab', 'identity');

call access.service_only('login_attempts');
call access.written_by('login_attempts', 'magnetlab', 'identity');

create view public.team_access with (security_invoker = true) as
select t.id as team_id, t.owner_id as user_id, 'owner' as role, 'ownership' as via
from public.teams as t
union all
select p.team_id, p.user_id, p.role, 'profile'
from public.team_profiles as p
join public.teams as t on t.id = p.team_id
where p.status = 'active' and p.user_id is not null and p.user_id <> t.owner_id
union all
select t.id, m.member_id, 'catalogue', 'invitation'
from public.team_members as m
join public.teams as t on t.owner_id = m.owner_id
where m.status = 'active' and m.member_id is not null;
comment on view public.team_access is 'Who may work in which team, in what role, and by which table';
grant select on public.team_access to authenticated, service_role, svc_magnetlab, svc_gtm_system;
