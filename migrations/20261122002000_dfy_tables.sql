-- The tables of dfy.

create table public.dfy_engagements (
    id uuid primary key default gen_random_uuid(),
    proposal_id uuid,
    tenant_id uuid,
    client_name text not null,
    client_email text not null,
    client_company text,
    portal_slug text not null,
    portal_password_hash text,
    status text not null default 'pending_signature',
    monthly_rate integer,
    stripe_subscription_id text,
    stripe_customer_id text,
    linear_project_id text,
    slack_channel_id text,
    magnetlab_user_id text,
    signed_name text,
    signed_at timestamptz,
    signed_ip text,
    signed_user_agent text,
    start_date date,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    onboarding_checklist jsonb,
    unipile_account_id text,
    linkedin_connected_at timestamptz,
    communication_preference text not null default 'email',
    client_industry text,
    linkedin_url text,
    intake_data jsonb,
    intake_submitted_at timestamptz,
    engagement_type text not null default 'full_dfy',
    blueprint_prospect_id uuid,
    intake_status text not null default 'pending',
    processed_intake jsonb,
    linear_customer_id text
);
comment on table public.dfy_engagements is 'DFY client engagements';
call platform.maintain_updated_at('dfy_engagements');

create table public.dfy_deliverables (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    name text not null,
    description text,
    category text,
    status text not null default 'pending',
    assignee text,
    due_date date,
    sort_order integer default 0,
    linear_issue_id text,
    client_approved_at timestamptz,
    client_notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    milestone_id text,
    playbook_url text,
    automation_type text,
    automation_status text default 'none',
    depends_on uuid[] default '{}'::uuid[],
    revision_feedback text,
    revision_requested_at timestamptz,
    revision_count integer default 0,
    linear_synced_at timestamptz
);
comment on table public.dfy_deliverables is 'Client deliverables';
create index on public.dfy_deliverables (engagement_id);
call platform.maintain_updated_at('dfy_deliverables');

create table public.dfy_activity_log (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    deliverable_id uuid references public.dfy_deliverables (id) on delete set null,
    action text not null,
    description text,
    actor text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now(),
    client_visible boolean not null default false
);
comment on table public.dfy_activity_log is 'Activity history';
create index on public.dfy_activity_log (deliverable_id);
create index on public.dfy_activity_log (engagement_id);

create table public.dfy_automation_runs (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    deliverable_id uuid not null references public.dfy_deliverables (id) on delete restrict,
    automation_type text not null,
    status text not null default 'pending',
    trigger_run_id text,
    input_params jsonb default '{}'::jsonb,
    output_data jsonb default '{}'::jsonb,
    error_log text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.dfy_automation_runs is 'Automation execution log';
create index on public.dfy_automation_runs (deliverable_id);
create index on public.dfy_automation_runs (engagement_id);

create table public.dfy_client_sessions (
    id uuid primary key default gen_random_uuid(),
    token text not null,
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    email text not null,
    expires_at timestamptz not null,
    created_at timestamptz default now()
);
comment on table public.dfy_client_sessions is 'Client portal auth sessions';
create index on public.dfy_client_sessions (engagement_id);

create table public.dfy_intake_files (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    file_name text not null,
    file_type text not null,
    storage_path text not null,
    file_size integer,
    processed boolean default false,
    extracted_text text,
    created_at timestamptz default now()
);
comment on table public.dfy_intake_files is 'Client intake file uploads';
create index on public.dfy_intake_files (engagement_id);

create table public.intro_offers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    lead_id uuid references public.leads (id) on delete set null,
    prospect_id uuid,
    status public.intro_offer_status not null default 'created'::public.intro_offer_status,
    stripe_payment_intent_id text,
    stripe_checkout_session_id text,
    amount_paid integer,
    discount_code text,
    magnetlab_user_id uuid,
    heyreach_account_id text,
    interview_completed_at timestamptz,
    interview_data jsonb,
    supplementary_data jsonb,
    delivered_at timestamptz,
    handed_off_at timestamptz,
    notes text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.intro_offers is '$2,500 intro offer tracking';
create index on public.intro_offers (tenant_id);
create index on public.intro_offers (lead_id);
call platform.maintain_updated_at('intro_offers');

create table public.intro_offer_deliverables (
    id uuid primary key default gen_random_uuid(),
    offer_id uuid not null references public.intro_offers (id) on delete restrict,
    type public.intro_offer_deliverable_type not null,
    status public.intro_offer_deliverable_status not null default 'pending'::public.intro_offer_deliverable_status,
    title text not null,
    metadata jsonb default '{}'::jsonb,
    started_at timestamptz,
    completed_at timestamptz,
    delivered_at timestamptz,
    delivery_order integer not null default 0,
    notes text,
    error_message text,
    created_at timestamptz not null default now()
);
comment on table public.intro_offer_deliverables is 'Intro offer deliverable items';
create index on public.intro_offer_deliverables (offer_id);

create table public.linear_slack_threads (
    id uuid primary key default gen_random_uuid(),
    linear_issue_id text not null,
    slack_message_ts text not null,
    slack_channel_id text not null,
    created_at timestamptz default now()
);
comment on table public.linear_slack_threads is 'DESCRIBE';

create table public.proposals (
    id uuid primary key default gen_random_uuid(),
    slug text not null,
    prospect_id uuid references public.prospects (id) on delete set null,
    status text not null default 'draft',
    client_name text not null,
    client_title text,
    client_company text not null,
    client_logo_url text,
    client_brand_color text,
    client_website text,
    headline text not null,
    executive_summary text not null,
    about_us jsonb not null default '{}'::jsonb,
    client_snapshot jsonb not null default '{}'::jsonb,
    goals jsonb not null default '[]'::jsonb,
    services jsonb not null default '[]'::jsonb,
    roadmap jsonb not null default '[]'::jsonb,
    pricing jsonb not null default '{}'::jsonb,
    next_steps jsonb not null default '[]'::jsonb,
    transcript_text text,
    transcript_source text,
    additional_notes text,
    created_by text,
    view_count integer not null default 0,
    last_viewed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    monthly_rate_cents integer
);
comment on table public.proposals is 'AI-generated proposals';
create index on public.proposals (prospect_id);
call platform.maintain_updated_at('proposals');

-- Access.

call access.tenant('dfy_engagements');
call access.written_by('dfy_engagements', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_deliverables', 'engagement_id', 'dfy_engagements');
call access.written_by('dfy_deliverables', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_activity_log', 'deliverable_id', 'dfy_deliverables');
call access.written_by('dfy_activity_log', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_automation_runs', 'deliverable_id', 'dfy_deliverables');
call access.written_by('dfy_automation_runs', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_client_sessions', 'engagement_id', 'dfy_engagements');
call access.written_by('dfy_client_sessions', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_intake_files', 'engagement_id', 'dfy_engagements');
call access.written_by('dfy_intake_files', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.tenant('intro_offers');
call access.written_by('intro_offers', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('intro_offer_deliverables', 'offer_id', 'intro_offers');
call access.written_by('intro_offer_deliverables', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.service_only('linear_slack_threads');
call access.written_by('linear_slack_threads', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('proposals', 'prospect_id', 'prospects');
call access.written_by('proposals', 'gtm_system', 'dfy', '{copy_of_gtm_os}');
