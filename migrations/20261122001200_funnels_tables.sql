-- The tables of funnels.

create table public.qualification_forms (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null default 'Default Form',
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.qualification_forms is 'Survey form containers';
create index on public.qualification_forms (user_id);
call platform.maintain_updated_at('qualification_forms');

create table public.libraries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    description text,
    icon text default '📚',
    slug text not null,
    auto_feature_days integer default 14,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.libraries is 'Lead magnet collections';
create index on public.libraries (user_id);
call platform.maintain_updated_at('libraries');

create table public.external_resources (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    title text not null,
    url text not null,
    icon text default '🔗',
    click_count integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.external_resources is 'External resources linked to funnels';
create index on public.external_resources (user_id);
call platform.maintain_updated_at('external_resources');

create table public.funnel_pages (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    user_id uuid not null references public.users (id) on delete restrict,
    slug text not null,
    optin_headline text not null,
    optin_subline text,
    optin_button_text text default 'Get Free Access',
    optin_social_proof text,
    thankyou_headline text default 'Thanks! Check your email.',
    thankyou_subline text,
    vsl_url text,
    calendly_url text,
    qualification_pass_message text default 'Great! Book a call below.',
    qualification_fail_message text default 'Thanks for your interest!',
    is_published boolean default false,
    published_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    theme text default 'dark',
    primary_color text default '#8b5cf6',
    background_style text default 'solid',
    logo_url text,
    target_type text default 'lead_magnet',
    library_id uuid references public.libraries (id) on delete set null,
    external_resource_id uuid references public.external_resources (id) on delete set null,
    qualification_form_id uuid references public.qualification_forms (id) on delete set null,
    custom_domain text,
    team_id uuid references public.teams (id) on delete set null,
    font_family text,
    font_url text,
    experiment_id uuid,
    is_variant boolean not null default false,
    variant_label text,
    redirect_trigger text not null default 'none',
    redirect_url text,
    redirect_fail_url text,
    homepage_url text,
    homepage_label text,
    send_resource_email boolean not null default true
);
comment on table public.funnel_pages is 'Published funnel/opt-in pages';
create index on public.funnel_pages (qualification_form_id);
create index on public.funnel_pages (library_id);
create index on public.funnel_pages (user_id);
create index on public.funnel_pages (lead_magnet_id);
create index on public.funnel_pages (external_resource_id);
create index on public.funnel_pages (experiment_id);
create index on public.funnel_pages (team_id);
call platform.maintain_updated_at('funnel_pages');

create table public.ab_experiments (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    status text not null default 'draft',
    test_field text not null,
    winner_id uuid references public.funnel_pages (id) on delete set null,
    significance double precision,
    min_sample_size integer not null default 50,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.ab_experiments is 'A/B testing';
create index on public.ab_experiments (winner_id);
create index on public.ab_experiments (funnel_page_id);
create index on public.ab_experiments (user_id);
call platform.maintain_updated_at('ab_experiments');

create table public.external_resource_clicks (
    id uuid primary key default gen_random_uuid(),
    external_resource_id uuid not null references public.external_resources (id) on delete restrict,
    funnel_page_id uuid references public.funnel_pages (id) on delete set null,
    library_id uuid references public.libraries (id) on delete set null,
    clicked_at timestamptz default now()
);
comment on table public.external_resource_clicks is 'DESCRIBE';
create index on public.external_resource_clicks (funnel_page_id);
create index on public.external_resource_clicks (external_resource_id);
create index on public.external_resource_clicks (library_id);

create table public.funnel_integrations (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    provider text not null,
    list_id text not null,
    list_name text,
    tag_id text,
    tag_name text,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.funnel_integrations is 'Per-funnel ESP/GHL mappings';
create index on public.funnel_integrations (funnel_page_id);
create index on public.funnel_integrations (user_id);
call platform.maintain_updated_at('funnel_integrations');

create table public.funnel_leads (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    email text not null,
    name text,
    qualification_answers jsonb,
    is_qualified boolean,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    created_at timestamptz default now(),
    ip_address text,
    user_agent text,
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.funnel_leads is 'Captured leads';
create index on public.funnel_leads (user_id);
create index on public.funnel_leads (team_id);
create index on public.funnel_leads (funnel_page_id);
create index on public.funnel_leads (lead_magnet_id);

create table public.funnel_page_sections (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    section_type text not null,
    page_location text not null,
    sort_order integer not null default 0,
    is_visible boolean not null default true,
    config jsonb not null default '{}'::jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.funnel_page_sections is 'Modular page sections';
create index on public.funnel_page_sections (funnel_page_id);
call platform.maintain_updated_at('funnel_page_sections');

create table public.library_items (
    id uuid primary key default gen_random_uuid(),
    library_id uuid not null references public.libraries (id) on delete restrict,
    asset_type text not null,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    external_resource_id uuid references public.external_resources (id) on delete set null,
    icon_override text,
    sort_order integer not null default 0,
    is_featured boolean default false,
    added_at timestamptz default now()
);
comment on table public.library_items is 'Items in collections';
create index on public.library_items (external_resource_id);
create index on public.library_items (lead_magnet_id);
create index on public.library_items (library_id);

create table public.page_views (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    visitor_hash text not null,
    view_date date not null default CURRENT_DATE,
    created_at timestamptz default now(),
    page_type text default 'optin'
);
comment on table public.page_views is 'Analytics';
create index on public.page_views (funnel_page_id);

create table public.qualification_questions (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid references public.funnel_pages (id) on delete set null,
    question_text text not null,
    question_order integer default 0,
    qualifying_answer jsonb,
    created_at timestamptz default now(),
    answer_type text not null default 'yes_no',
    options jsonb,
    placeholder text,
    is_qualifying boolean not null default true,
    is_required boolean not null default true,
    form_id uuid references public.qualification_forms (id) on delete set null
);
comment on table public.qualification_questions is 'Survey questions per funnel';
create index on public.qualification_questions (form_id);
create index on public.qualification_questions (funnel_page_id);

create table public.team_domains (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete restrict,
    domain text not null,
    vercel_domain_id text,
    status text not null default 'pending_dns',
    dns_config jsonb,
    last_checked_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.team_domains is 'Custom domains';
create index on public.team_domains (team_id);
call platform.maintain_updated_at('team_domains');

create table public.team_email_domains (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete restrict,
    domain text not null,
    resend_domain_id text,
    status text not null default 'pending',
    dns_records jsonb,
    region text not null default 'us-east-1',
    last_checked_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.team_email_domains is 'Whitelabel email domains';
create index on public.team_email_domains (team_id);
call platform.maintain_updated_at('team_email_domains');

create table public.tracking_pixel_events (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    lead_id uuid references public.funnel_leads (id) on delete set null,
    provider text not null,
    event_name text not null,
    event_id text,
    status text not null default 'pending',
    error_message text,
    created_at timestamptz not null default now()
);
comment on table public.tracking_pixel_events is 'Meta pixel tracking';
create index on public.tracking_pixel_events (lead_id);
create index on public.tracking_pixel_events (user_id);

create table public.user_integrations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    service text not null,
    api_key text,
    webhook_secret text,
    is_active boolean default true,
    last_verified_at timestamptz,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.user_integrations is 'Connected 3rd-party accounts';
create index on public.user_integrations (user_id);
call platform.maintain_updated_at('user_integrations');

create table public.webhook_configs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    url text not null,
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.webhook_configs is 'DESCRIBE';
create index on public.webhook_configs (user_id);
call platform.maintain_updated_at('webhook_configs');

alter table public.funnel_pages
    add foreign key (experiment_id) references public.ab_experiments (id) on delete set null;

alter table public.interactive_chats
    add foreign key (funnel_lead_id) references public.funnel_leads (id) on delete set null;

-- Access.

call access.owner('qualification_forms');
call access.written_by('qualification_forms', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('libraries');
call access.written_by('libraries', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('external_resources');
call access.written_by('external_resources', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('funnel_pages');
call access.written_by('funnel_pages', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('ab_experiments');
call access.written_by('ab_experiments', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('external_resource_clicks', 'funnel_page_id', 'funnel_pages');
call access.written_by('external_resource_clicks', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('funnel_integrations');
call access.written_by('funnel_integrations', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('funnel_leads');
call access.written_by('funnel_leads', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('funnel_page_sections', 'funnel_page_id', 'funnel_pages');
call access.written_by('funnel_page_sections', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('library_items', 'external_resource_id', 'external_resources');
call access.written_by('library_items', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('page_views', 'funnel_page_id', 'funnel_pages');
call access.written_by('page_views', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('qualification_questions', 'form_id', 'qualification_forms');
call access.written_by('qualification_questions', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.team('team_domains');
call access.written_by('team_domains', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.team('team_email_domains');
call access.written_by('team_email_domains', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('tracking_pixel_events');
call access.written_by('tracking_pixel_events', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('user_integrations');
call access.written_by('user_integrations', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('webhook_configs');
call access.written_by('webhook_configs', 'magnetlab', 'funnels', '{copy_of_gtm_os}');
