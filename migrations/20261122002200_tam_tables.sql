-- The tables of tam: lists of companies and people, built in projects by a chain of jobs.

create table public.tam_projects (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text not null,
    status public.tam_project_status default 'draft'::public.tam_project_status,
    icp_profile jsonb,
    sourcing_strategy jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    run_mode text not null default 'automatic' check (run_mode in ('automatic', 'gated')),
    tenant_id uuid not null default coalesce(access.default_tenant_id(), access.student_tenant_id())
        references public.tenants (id) on delete restrict
);
grant execute on function access.student_tenant_id() to svc_gtm_system;
comment on table public.tam_projects is 'One effort to list a market: its companies and the people there';
comment on column public.tam_projects.user_id is
    'Whose it is: the id of an account, or of a bootcamp student; as text because the two share the column';
comment on column public.tam_projects.status is
    'draft: nothing ran; sourcing: companies are being found; enriching: people and addresses; complete';
comment on column public.tam_projects.icp_profile is
    '{businessModel, whatYouSell, employeeSizeRanges[], geography, specificCountries[], industryKeywords[], '
    'targetTitles[], seniorityPreference[], contactsPerCompany, seedCompanyDomains[], targetListSize, …}; '
    'null: an import';
comment on column public.tam_projects.sourcing_strategy is
    '{primarySource, secondarySources[], reasoning, estimatedCompanyCount?, searchConfig}';
comment on column public.tam_projects.run_mode is 'gated: each step waits for a yes';
create index on public.tam_projects (user_id, updated_at desc);
create index on public.tam_projects (tenant_id);
call platform.maintain_updated_at('tam_projects');
call access.state_machine('tam_projects', 'status', '{
    "draft": ["sourcing", "enriching"],
    "sourcing": ["enriching", "complete"],
    "enriching": ["sourcing", "complete"],
    "complete": ["sourcing", "enriching"]
}');

create table public.tam_companies (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references public.tam_projects (id) on delete cascade,
    name text not null,
    domain text check (domain = lower(btrim(domain)) and domain <> ''),
    linkedin_url text,
    source public.tam_company_source,
    industry text,
    employee_count integer check (employee_count >= 0),
    location text,
    description text,
    qualification_status public.tam_qualification_status
        default 'pending'::public.tam_qualification_status,
    qualification_reason text,
    us_employee_pct real check (us_employee_pct between 0 and 100),
    segment_tags jsonb check (jsonb_typeof(segment_tags) = 'object'),
    raw_data jsonb,
    created_at timestamptz default now(),
    digital_footprint_score integer,
    similarity_score real,
    feedback text check (feedback in ('liked', 'disliked')),
    unique (id, project_id)
);
comment on table public.tam_companies is 'One company in one project';
comment on column public.tam_companies.domain is 'Without scheme, www, path and port';
comment on column public.tam_companies.us_employee_pct is 'Per cent of the employees, 0 to 100';
comment on column public.tam_companies.segment_tags is
    '{niche, size_bucket, tech, operating_model, …}; decided_by = human keeps a later run from changing the '
    'decision';
comment on column public.tam_companies.raw_data is 'What the providers answered';
comment on column public.tam_companies.similarity_score is 'To the seed companies, by DiscoLike';
create unique index tam_companies_domain_key on public.tam_companies (project_id, domain);
create unique index tam_companies_nameless_domain_key
on public.tam_companies (project_id, lower(name), lower(coalesce(location, ''))) where domain is null;
create index on public.tam_companies (project_id, qualification_status);
create index on public.tam_companies (project_id, source);
create index on public.tam_companies (project_id, feedback) where feedback is not null;

create table public.tam_contacts (
    id uuid primary key default gen_random_uuid(),
    company_id uuid not null,
    project_id uuid not null references public.tam_projects (id) on delete cascade,
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
    created_at timestamptz default now(),
    foreign key (company_id, project_id) references public.tam_companies (id, project_id) on delete cascade
);
comment on table public.tam_contacts is 'One person at one company of a project';
comment on column public.tam_contacts.email_status is 'found: not validated; null: not tried';
comment on column public.tam_contacts.linkedin_active is 'The last post is under 30 days old; null: unknown';
comment on column public.tam_contacts.raw_data is
    'What the providers answered, with each attempt for an address';
create index on public.tam_contacts (company_id, project_id);
create unique index tam_contacts_linkedin_url_key on public.tam_contacts (project_id, lower(linkedin_url));
create unique index tam_contacts_email_key on public.tam_contacts (project_id, lower(email));
create index on public.tam_contacts (project_id, email_status);
create index on public.tam_contacts (project_id, linkedin_active);

create table public.tam_job_queue (
    id uuid primary key default gen_random_uuid(),
    project_id uuid not null references public.tam_projects (id) on delete cascade,
    job_type public.tam_job_type not null,
    status public.tam_job_status not null default 'pending'::public.tam_job_status,
    config jsonb,
    progress integer default 0 check (progress between 0 and 100),
    result_summary jsonb,
    created_at timestamptz default now(),
    completed_at timestamptz,
    started_at timestamptz,
    attempts integer not null default 0 check (attempts >= 0),
    lease_expires_at timestamptz,
    checkpoint jsonb,
    cancel_requested_at timestamptz,
    constraint tam_job_queue_ended_when check (
        status not in ('completed', 'failed') or completed_at is not null)
);
comment on table public.tam_job_queue is 'One step of the chain that builds a project';
comment on column public.tam_job_queue.status is
    'awaiting_approval: behind a gate, needs a yes before it runs';
comment on column public.tam_job_queue.progress is 'Per cent';
comment on column public.tam_job_queue.result_summary is 'Counts by job type, or {error, code, done, total}';
comment on column public.tam_job_queue.lease_expires_at is
    'Renewed by the worker; a stale one frees the job for others';
comment on column public.tam_job_queue.checkpoint is 'Where a second attempt goes on';
create unique index tam_job_queue_one_active on public.tam_job_queue (project_id, job_type)
where status in ('pending', 'running', 'awaiting_approval');
create index on public.tam_job_queue (project_id, created_at);
create index on public.tam_job_queue (status, created_at);
call access.state_machine('tam_job_queue', 'status', '{
    "awaiting_approval": ["pending", "failed"],
    "pending": ["running", "failed"],
    "running": ["completed", "failed", "pending"],
    "completed": [],
    "failed": []
}');

-- Access: a project is its owner's, who may be a student; what the jobs find hangs on it.

call access.set_scope(
    'tam_projects', 'owner', 'user_id',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)',
    0, '{select, insert, update, delete}');
call access.guard('tam_projects', '{tenant_id, status, sourcing_strategy}');
call access.written_by('tam_projects', 'gtm_system', 'tam');

call access.through('tam_companies', 'project_id', 'tam_projects', commands => '{select, update}');
call access.guard('tam_companies', '{
    id, project_id, name, domain, source, us_employee_pct, raw_data, created_at, digital_footprint_score,
    similarity_score
}');
call access.written_by('tam_companies', 'gtm_system', 'tam');

call access.through('tam_contacts', 'project_id', 'tam_projects', commands => '{select}');
call access.written_by('tam_contacts', 'gtm_system', 'tam');

call access.through('tam_job_queue', 'project_id', 'tam_projects', commands => '{select}');
call access.written_by('tam_job_queue', 'gtm_system', 'tam');
