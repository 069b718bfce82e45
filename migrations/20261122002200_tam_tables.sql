-- The tables of tam.

create table public.tam_projects (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text not null,
    status public.tam_project_status default 'draft'::public.tam_project_status,
    icp_profile jsonb,
    sourcing_strategy jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.tam_projects is 'TAM analysis projects';
call platform.maintain_updated_at('tam_projects');

create table public.tam_companies (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references public.tam_projects (id) on delete restrict,
    name text not null,
    domain text,
    linkedin_url text,
    source public.tam_company_source,
    industry text,
    employee_count integer,
    location text,
    description text,
    qualification_status public.tam_qualification_status default 'pending'::public.tam_qualification_status,
    qualification_reason text,
    us_employee_pct real,
    segment_tags jsonb,
    raw_data jsonb,
    created_at timestamptz default now(),
    digital_footprint_score integer,
    similarity_score real,
    feedback text
);
comment on table public.tam_companies is 'Discovered companies';
create index on public.tam_companies (project_id);

create table public.tam_contacts (
    id uuid primary key default gen_random_uuid(),
    company_id uuid not null references public.tam_companies (id) on delete restrict,
    project_id uuid not null references public.tam_projects (id) on delete restrict,
    first_name text,
    last_name text,
    title text,
    linkedin_url text,
    email text,
    email_status public.tam_email_status,
    phone text,
    linkedin_last_post_date timestamptz,
    linkedin_active boolean,
    source public.tam_contact_source,
    raw_data jsonb,
    created_at timestamptz default now()
);
comment on table public.tam_contacts is 'Contacts at qualified companies';
create index on public.tam_contacts (company_id);
create index on public.tam_contacts (project_id);

create table public.tam_job_queue (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references public.tam_projects (id) on delete restrict,
    job_type public.tam_job_type not null,
    status public.tam_job_status default 'pending'::public.tam_job_status,
    config jsonb,
    progress integer default 0,
    result_summary jsonb,
    created_at timestamptz default now(),
    completed_at timestamptz
);
comment on table public.tam_job_queue is 'TAM job orchestration';
create index on public.tam_job_queue (project_id);

-- Access.

call access.owner('tam_projects');
call access.written_by('tam_projects', 'gtm_system', 'tam');

call access.through('tam_companies', 'project_id', 'tam_projects');
call access.written_by('tam_companies', 'gtm_system', 'tam');

call access.through('tam_contacts', 'company_id', 'tam_companies');
call access.written_by('tam_contacts', 'gtm_system', 'tam');

call access.through('tam_job_queue', 'project_id', 'tam_projects');
call access.written_by('tam_job_queue', 'gtm_system', 'tam');
