-- The tables of enrichment.

create table public.all_leads (
    "First Name" text,
    "Last Name" text,
    "Full Name" text,
    "Title" text,
    "Headline" text,
    "Seniority" text,
    "Email" text,
    "Email Status" text,
    "LinkedIn Link" text not null,
    "Is Likely To Engage" text,
    "Lead City" text,
    "Lead State" text,
    "Lead Country" text,
    "Company Name" text,
    "Industry" text,
    "Employee Count" text,
    "Departments" text,
    "Subdepartments" text,
    "Functions" text,
    "Cleaned Company Name" text,
    "Company Website Full" text,
    "Company Website Short" text,
    "Company LinkedIn Link" text,
    "Company Phone Number" text,
    "Company Street" text,
    "Company City" text,
    "Company State" text,
    "Company Country" text,
    "Company Postal Code" text,
    "Company Address" text,
    "Company Keywords" text,
    "Company Technologies" text,
    "Company Short Description" text,
    "Company Founded Year" text,
    "Score" text,
    "Similarity" text,
    "Social URLs" text,
    "Public Emails" text,
    "Redirect Domain" text,
    "Update Date" text,
    "Followers" numeric,
    "Connections" numeric,
    "Last Post Date" text,
    "Posts Last 30 Days" numeric,
    enriched_at timestamptz,
    "About" text,
    "Company URL" text,
    "Current Company Name" text,
    "Location" text,
    "Job Description" text,
    "Job Started On" text,
    "Company Linkedin Id" text,
    "Member Linkedin Id" text,
    "Linkedin Specialities" text,
    primary key (/* DECIDE */)
);
comment on table public.all_leads is 'Cold email lead pool (space-capped column names!)';

create table public.bootcamp_contact_lists (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    name text not null,
    contact_count integer not null default 0,
    column_mapping jsonb not null default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.bootcamp_contact_lists is 'DESCRIBE';
create index on public.bootcamp_contact_lists (student_id);

create table public.bootcamp_contacts (
    id uuid primary key default gen_random_uuid(),
    list_id uuid not null references public.bootcamp_contact_lists (id) on delete restrict,
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    first_name text not null default '',
    last_name text not null default '',
    email text not null default '',
    company text not null default '',
    title text not null default '',
    linkedin_url text not null default '',
    custom_fields jsonb not null default '{}'::jsonb,
    step_outputs jsonb not null default '{}'::jsonb,
    enrichment_status text not null default 'pending',
    created_at timestamptz not null default now()
);
comment on table public.bootcamp_contacts is 'DESCRIBE';
create index on public.bootcamp_contacts (list_id);
create index on public.bootcamp_contacts (student_id);

create table public.bootcamp_recipes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    name text not null,
    slug text not null,
    description text not null default '',
    steps jsonb not null default '[]'::jsonb,
    email_template jsonb,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.bootcamp_recipes is 'DESCRIBE';
create index on public.bootcamp_recipes (student_id);
call platform.maintain_updated_at('bootcamp_recipes');

create table public.cold_lead_pool (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    first_name text,
    last_name text,
    linkedin_url text,
    followers integer default 0,
    company_name text,
    company_domain text,
    headline text,
    enriched_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.cold_lead_pool is 'DESCRIBE';
call platform.maintain_updated_at('cold_lead_pool');

create table public.enrichment_batch_runs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text,
    status text not null default 'pending',
    total_contacts integer not null default 0,
    processed_contacts integer not null default 0,
    emails_found integer not null default 0,
    created_at timestamptz not null default now(),
    completed_at timestamptz
);
comment on table public.enrichment_batch_runs is 'Batch run definitions';

create table public.enrichment_batch_leads (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references public.enrichment_batch_runs (id) on delete restrict,
    first_name text,
    last_name text,
    company_name text,
    company_domain text,
    linkedin_url text,
    found_email text,
    provider text,
    validation_status text,
    status text not null default 'pending',
    error_message text,
    created_at timestamptz not null default now()
);
comment on table public.enrichment_batch_leads is 'Leads in a batch';
create index on public.enrichment_batch_leads (run_id);

create table public.enrichment_recipes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    name text not null,
    slug text not null,
    description text,
    steps jsonb not null default '[]'::jsonb,
    push_config jsonb not null default '{}'::jsonb,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.enrichment_recipes is 'Configurable enrichment flows';
create index on public.enrichment_recipes (tenant_id);
call platform.maintain_updated_at('enrichment_recipes');

create table public.enrichment_runs (
    id uuid primary key default gen_random_uuid(),
    tenant_id text not null,
    status text not null default 'pending',
    config jsonb not null default '{}'::jsonb,
    total_leads integer default 0,
    processed_leads integer default 0,
    enriched_leads integer default 0,
    emails_found integer default 0,
    pushed_to_campaign integer default 0,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    emails_validated integer default 0,
    emails_invalid integer default 0,
    recipe_id uuid references public.enrichment_recipes (id) on delete set null,
    recipe_slug text
);
comment on table public.enrichment_runs is 'Cold email batch enrichment runs';
create index on public.enrichment_runs (recipe_id);
call platform.maintain_updated_at('enrichment_runs');

create table public.enrichment_lead_status (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references public.enrichment_runs (id) on delete restrict,
    linkedin_url text,
    email_found text,
    email_provider text,
    post_summary text,
    engagement_rate numeric,
    status text not null default 'pending',
    error_message text,
    created_at timestamptz default now(),
    email_validation_status text,
    lead_email text,
    linkedin_post_date timestamptz,
    pushed_to_campaign_at timestamptz,
    pushed_to_campaign_id text,
    step_outputs jsonb default '{}'::jsonb,
    recipe_slug text
);
comment on table public.enrichment_lead_status is 'Per-lead enrichment tracking (no updated_at — order by created_at)';
create index on public.enrichment_lead_status (run_id);

create table public.plusvibe_events (
    id uuid primary key default gen_random_uuid(),
    tenant_id text not null,
    event_type text not null,
    campaign_id text not null,
    lead_email text not null,
    lead_data jsonb default '{}'::jsonb,
    metadata jsonb default '{}'::jsonb,
    received_at timestamptz default now()
);
comment on table public.plusvibe_events is 'PlusVibe webhook event history';

-- Access.

call access.service_only('all_leads');
call access.written_by('all_leads', 'gtm_system', 'enrichment');

call access.through('bootcamp_contact_lists', 'student_id', 'bootcamp_students');
call access.written_by('bootcamp_contact_lists', 'gtm_system', 'enrichment');

call access.through('bootcamp_contacts', 'list_id', 'bootcamp_contact_lists');
call access.written_by('bootcamp_contacts', 'gtm_system', 'enrichment');

call access.through('bootcamp_recipes', 'student_id', 'bootcamp_students');
call access.written_by('bootcamp_recipes', 'gtm_system', 'enrichment');

call access.tenant('cold_lead_pool');
call access.written_by('cold_lead_pool', 'gtm_system', 'enrichment');

call access.owner('enrichment_batch_runs');
call access.written_by('enrichment_batch_runs', 'gtm_system', 'enrichment');

call access.through('enrichment_batch_leads', 'run_id', 'enrichment_batch_runs');
call access.written_by('enrichment_batch_leads', 'gtm_system', 'enrichment');

call access.tenant('enrichment_recipes');
call access.written_by('enrichment_recipes', 'gtm_system', 'enrichment');

call access.tenant('enrichment_runs');
call access.written_by('enrichment_runs', 'gtm_system', 'enrichment');

call access.through('enrichment_lead_status', 'run_id', 'enrichment_runs');
call access.written_by('enrichment_lead_status', 'gtm_system', 'enrichment');

call access.tenant('plusvibe_events');
call access.written_by('plusvibe_events', 'gtm_system', 'enrichment');
