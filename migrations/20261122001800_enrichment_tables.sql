-- The pool of cold leads, recipes and runs that research them and find their addresses, the small e-mail
-- finder, and what students do with the same steps.

-- Words to search by, the same in the index and in the statement. Concatenation, unlike concat_ws, is
-- immutable.
create function platform.search_words(first text, second text, third text) returns tsvector
language sql immutable parallel safe
set search_path = ''
as $$
    select pg_catalog.to_tsvector(
        'pg_catalog.simple', coalesce(first, '') || ' ' || coalesce(second, '') || ' ' || coalesce(third, ''))
$$;
comment on function platform.search_words(text, text, text) is
    'Words of three texts, unstemmed: match with to_tsquery(''simple'', …)';
grant execute on function platform.search_words(text, text, text) to
    authenticated, service_role, svc_gtm_system;

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
    primary key ("LinkedIn Link"),
    constraint "all_leads_LinkedIn Link_check" check (btrim("LinkedIn Link") <> '')
);
comment on table public.all_leads is
    'The pool of cold leads, a row per LinkedIn profile, under the headers of a Clay export; code reads '
    'lead_pool';
comment on column public.all_leads."LinkedIn Link" is
    'Who it is: https, www.linkedin.com, the path alone, lower case, no slash at the end';
comment on column public.all_leads."Email Status" is 'What the vendor of the list claims';
comment on column public.all_leads."Is Likely To Engage" is 'Yes or no, as the list says';
comment on column public.all_leads."Score" is 'Of the list, not ours; so is the similarity';
comment on column public.all_leads.enriched_at is 'The last run that finished well';
create index all_leads_email_idx on public.all_leads (lower("Email"));
create index on public.all_leads (enriched_at);
create index all_leads_company_domain_idx on public.all_leads ("Company Website Short");
create index all_leads_words_idx on public.all_leads
    using gin (platform.search_words("Full Name", "Company Name", "Title"));

create table public.dead_leads (
    like public.all_leads including comments,
    reason text not null check (reason in ('bounced', 'invalid', 'unsubscribed', 'duplicate')),
    removed_at timestamptz not null default now(),
    primary key ("LinkedIn Link")
);
comment on table public.dead_leads is
    'Leads taken out of the pool, kept so that a later import does not bring them back';
create index dead_leads_email_idx on public.dead_leads (lower("Email"));

create table public.bootcamp_contact_lists (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    name text not null check (btrim(name) <> ''),
    contact_count integer not null default 0 check (contact_count >= 0),
    column_mapping jsonb not null default '{}'::jsonb check (jsonb_typeof(column_mapping) = 'object'),
    created_at timestamptz not null default now()
);
comment on table public.bootcamp_contact_lists is 'A list of people that a student uploaded';
comment on column public.bootcamp_contact_lists.column_mapping is '{header of the file: field}';
create index on public.bootcamp_contact_lists (student_id, created_at desc);

create table public.bootcamp_contacts (
    id uuid primary key default gen_random_uuid(),
    list_id uuid not null references public.bootcamp_contact_lists (id) on delete cascade,
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    first_name text not null default '',
    last_name text not null default '',
    email text not null default '',
    company text not null default '',
    title text not null default '',
    linkedin_url text not null default '',
    custom_fields jsonb not null default '{}'::jsonb,
    step_outputs jsonb not null default '{}'::jsonb,
    enrichment_status text not null default 'pending'
        check (enrichment_status in ('pending', 'processing', 'done', 'failed')),
    created_at timestamptz not null default now()
);
comment on table public.bootcamp_contacts is
    'A person on a student''s list, with what the recipe made of them';
comment on column public.bootcamp_contacts.custom_fields is
    'Columns of the file that have no field of their own';
comment on column public.bootcamp_contacts.step_outputs is 'Fields that the steps of the recipe filled';
create index on public.bootcamp_contacts (list_id, created_at, id);
create index on public.bootcamp_contacts (student_id);
call access.state_machine('bootcamp_contacts', 'enrichment_status', '{
    "pending": ["processing", "failed"],
    "processing": ["done", "failed", "pending"],
    "done": ["pending", "processing"],
    "failed": ["pending", "processing"]
}');

create table public.bootcamp_recipes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    name text not null check (btrim(name) <> ''),
    slug text not null check (slug <> ''),
    description text not null default '',
    steps jsonb not null default '[]'::jsonb check (jsonb_typeof(steps) = 'array'),
    email_template jsonb check (jsonb_typeof(email_template) = 'object'),
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (student_id, slug),
    constraint bootcamp_recipes_step_types check (
        not jsonb_path_exists(
            steps,
            '$[*] ? (!(@.type == "ai_prompt" || @.type == "ai_extract" || @.type == "transform"
            || @.type == "field_map"))'
        )
    )
);
comment on table public.bootcamp_recipes is
    'Steps that a student runs over a list, and the mail made of them';
comment on column public.bootcamp_recipes.steps is
    'As in enrichment_recipes, of the four types that look nothing up';
comment on column public.bootcamp_recipes.email_template is '{subject, body}';
call platform.maintain_updated_at('bootcamp_recipes');

create table public.cold_lead_pool (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    first_name text,
    last_name text,
    linkedin_url text,
    followers integer default 0 check (followers >= 0),
    company_name text,
    company_domain text,
    headline text,
    enriched_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, linkedin_url)
);
comment on table public.cold_lead_pool is 'Cold leads that one tenant brought, beside the common pool';
create index on public.cold_lead_pool (tenant_id, created_at desc);
call platform.maintain_updated_at('cold_lead_pool');

create table public.enrichment_batch_runs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text,
    status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed')),
    total_contacts integer not null default 0 check (total_contacts >= 0),
    processed_contacts integer not null default 0 check (processed_contacts >= 0),
    emails_found integer not null default 0 check (emails_found >= 0),
    created_at timestamptz not null default now(),
    completed_at timestamptz
);
comment on table public.enrichment_batch_runs is 'A file of people whose e-mail addresses somebody asked for';
comment on column public.enrichment_batch_runs.user_id is 'The account or the student, as text';
create index on public.enrichment_batch_runs (user_id, created_at desc);
call access.state_machine('enrichment_batch_runs', 'status', '{
    "pending": ["running", "failed"],
    "running": ["completed", "failed", "pending"],
    "failed": ["pending", "running"]
}');

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
    validation_status text check (
        validation_status in (
            'valid', 'invalid', 'catch_all', 'unknown', 'spamtrap', 'abuse', 'do_not_mail'
        )
    ),
    status text not null default 'pending'
        check (status in ('pending', 'processing', 'found', 'not_found', 'error')),
    error_message text,
    created_at timestamptz not null default now()
);
comment on table public.enrichment_batch_leads is 'A person of such a file, and the address that was found';
comment on column public.enrichment_batch_leads.provider is 'Who found the address';
create index on public.enrichment_batch_leads (run_id, created_at, id);
create index on public.enrichment_batch_leads (run_id, status);
call access.state_machine('enrichment_batch_leads', 'status', '{
    "pending": ["processing", "error"],
    "processing": ["found", "not_found", "error", "pending"],
    "error": ["pending", "processing"]
}');

create table public.enrichment_recipes (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    name text not null check (btrim(name) <> ''),
    slug text not null check (slug <> ''),
    description text,
    steps jsonb not null default '[]'::jsonb check (jsonb_typeof(steps) = 'array'),
    push_config jsonb not null default '{}'::jsonb check (jsonb_typeof(push_config) = 'object'),
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (tenant_id, slug)
);
comment on table public.enrichment_recipes is
    'Steps that research a lead, and where the lead goes afterwards';
comment on column public.enrichment_recipes.steps is
    'Ordered list of {id, type, name, config, output_fields[], required, skip_if_missing[]}';
comment on column public.enrichment_recipes.push_config is
    '{campaign_id, channel, gate_fields[], variable_map{campaign variable: field}}';
call platform.maintain_updated_at('enrichment_recipes');

create table public.enrichment_runs (
    id uuid primary key default gen_random_uuid(),
    tenant_id text not null,
    status text not null default 'pending'
        check (status in ('pending', 'running', 'paused', 'completed', 'failed', 'cancelled')),
    config jsonb not null default '{}'::jsonb,
    total_leads integer default 0 check (total_leads >= 0),
    processed_leads integer default 0 check (processed_leads >= 0),
    enriched_leads integer default 0 check (enriched_leads >= 0),
    emails_found integer default 0 check (emails_found >= 0),
    pushed_to_campaign integer default 0 check (pushed_to_campaign >= 0),
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    emails_validated integer default 0 check (emails_validated >= 0),
    emails_invalid integer default 0 check (emails_invalid >= 0),
    recipe_id uuid references public.enrichment_recipes (id) on delete restrict,
    recipe_slug text
);
comment on table public.enrichment_runs is 'A recipe run over a choice of leads, with its counts';
comment on column public.enrichment_runs.tenant_id is 'tenants.id as text';
comment on column public.enrichment_runs.config is
    'Choice of leads, limit, options, and the steps as they were when the run began';
comment on column public.enrichment_runs.error_message is 'Also why a run paused by itself';
comment on column public.enrichment_runs.recipe_slug is 'A copy, for runs whose recipe is gone';
create index on public.enrichment_runs (tenant_id, created_at desc);
create index on public.enrichment_runs (recipe_id);
call access.references_seen('enrichment_runs', 'recipe_id', 'enrichment_recipes');
call access.state_machine('enrichment_runs', 'status', '{
    "pending": ["running", "paused", "completed", "failed", "cancelled"],
    "running": ["paused", "completed", "failed", "cancelled"],
    "paused": ["running", "completed", "failed", "cancelled"],
    "completed": ["running"],
    "failed": ["pending", "running", "cancelled"]
}');
call platform.maintain_updated_at('enrichment_runs');

create table public.enrichment_lead_status (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references public.enrichment_runs (id) on delete restrict,
    linkedin_url text,
    email_found text,
    email_provider text,
    post_summary text,
    engagement_rate numeric,
    status text not null default 'pending' check (
        status in (
            'pending', 'processing', 'enriched', 'no_email', 'invalid_email', 'gated', 'pushed', 'skipped',
            'failed', 'cancelled'
        )
    ),
    error_message text,
    created_at timestamptz default now(),
    email_validation_status text check (
        email_validation_status in (
            'valid', 'invalid', 'catch_all', 'unknown', 'spamtrap', 'abuse', 'do_not_mail'
        )
    ),
    lead_email text,
    linkedin_post_date timestamptz,
    pushed_to_campaign_at timestamptz,
    pushed_to_campaign_id text,
    step_outputs jsonb default '{}'::jsonb,
    recipe_slug text,
    attempts integer not null default 0 check (attempts >= 0),
    leased_until timestamptz,
    unique (run_id, linkedin_url)
);
comment on table public.enrichment_lead_status is
    'A lead of a run and how far it is. The largest table, without updated_at: order by created_at';
comment on column public.enrichment_lead_status.lead_email is 'The address known before';
comment on column public.enrichment_lead_status.email_found is 'The address found now';
comment on column public.enrichment_lead_status.email_provider is 'Who found it';
comment on column public.enrichment_lead_status.engagement_rate is
    'Mean likes, comments and shares of recent posts, per hundred followers';
comment on column public.enrichment_lead_status.step_outputs is
    'Everything the steps produced so far; a restart goes on after the last one';
comment on column public.enrichment_lead_status.pushed_to_campaign_id is 'As the sending tool names it';
comment on column public.enrichment_lead_status.recipe_slug is 'A copy, for leads whose recipe is gone';
comment on column public.enrichment_lead_status.leased_until is
    'Until then a worker holds the row; afterwards it is pending again';
create index on public.enrichment_lead_status (created_at);
create index on public.enrichment_lead_status (run_id, created_at, id);
create index on public.enrichment_lead_status (run_id, status, created_at, id);
create index on public.enrichment_lead_status (linkedin_url);
create index on public.enrichment_lead_status (email_found) where email_found is not null;
create index on public.enrichment_lead_status (pushed_to_campaign_id, linkedin_url)
    where pushed_to_campaign_id is not null;
create index on public.enrichment_lead_status (leased_until) where status = 'processing';
call access.state_machine('enrichment_lead_status', 'status', '{
    "pending": ["processing", "skipped", "failed", "cancelled"],
    "processing": [
        "enriched", "no_email", "invalid_email", "gated", "pushed", "skipped", "failed", "cancelled",
        "pending"
    ],
    "enriched": ["gated", "pushed", "skipped", "failed"],
    "gated": ["pushed", "pending", "skipped"],
    "failed": ["pending", "cancelled"]
}');

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
comment on table public.plusvibe_events is 'What PlusVibe told us, as it came; only ever added to';
comment on column public.plusvibe_events.tenant_id is 'tenants.id as text';
comment on column public.plusvibe_events.event_type is 'The name of the event, as PlusVibe sends it';
create index on public.plusvibe_events (tenant_id, received_at desc);
create index on public.plusvibe_events (campaign_id, received_at desc);
create index on public.plusvibe_events (lower(lead_email));
call platform.append_only('plusvibe_events');

-- Access: the pools are the installation's own; recipes and runs belong to a tenant, lists and files to
-- whoever brought them.

call access.service_only('all_leads');
call access.written_by('all_leads', 'gtm_system', 'enrichment');

call access.service_only('dead_leads');
call access.written_by('dead_leads', 'gtm_system', 'enrichment');

call access.tenant('cold_lead_pool');
call access.written_by('cold_lead_pool', 'gtm_system', 'enrichment');

call access.tenant('enrichment_recipes');
call access.written_by('enrichment_recipes', 'gtm_system', 'enrichment');

call access.set_scope(
    'enrichment_runs', 'tenant', 'tenant_id',
    '{row}.tenant_id = (select public.auth_tenant_id())::text',
    '{row}.tenant_id = (select public.auth_tenant_id())::text', 0, '{select}');
call access.written_by('enrichment_runs', 'gtm_system', 'enrichment');

call access.through('enrichment_lead_status', 'run_id', 'enrichment_runs', commands => '{select}');
call access.written_by('enrichment_lead_status', 'gtm_system', 'enrichment');

call access.set_scope(
    'plusvibe_events', 'tenant', 'tenant_id',
    '{row}.tenant_id = (select public.auth_tenant_id())::text',
    '{row}.tenant_id = (select public.auth_tenant_id())::text', 0, '{select}');
call access.written_by('plusvibe_events', 'gtm_system', 'enrichment');

call access.set_scope(
    'enrichment_batch_runs', 'owner', 'user_id',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)', 0, '{select}');
call access.written_by('enrichment_batch_runs', 'gtm_system', 'enrichment');

call access.through('enrichment_batch_leads', 'run_id', 'enrichment_batch_runs', commands => '{select}');
call access.written_by('enrichment_batch_leads', 'gtm_system', 'enrichment');

call access.through('bootcamp_contact_lists', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('bootcamp_contact_lists');
call access.student_writes('bootcamp_contact_lists', '{insert, update, delete}');
call access.guard('bootcamp_contact_lists', '{contact_count}');
call access.written_by('bootcamp_contact_lists', 'gtm_system', 'enrichment');

call access.through('bootcamp_contacts', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('bootcamp_contacts');
call access.student_writes(
    'bootcamp_contacts', '{insert, update, delete}',
    'exists (select from public.bootcamp_contact_lists as l '
    'where l.id = {row}.list_id and l.student_id = {row}.student_id)');
call access.guard('bootcamp_contacts', '{step_outputs, enrichment_status}');
call access.written_by('bootcamp_contacts', 'gtm_system', 'enrichment');

call access.through('bootcamp_recipes', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('bootcamp_recipes');
call access.student_writes('bootcamp_recipes', '{insert, update, delete}');
call access.written_by('bootcamp_recipes', 'gtm_system', 'enrichment');

-- The one place where the headers of the export become names. Rows are read and written through it.
create view public.lead_pool with (security_invoker = true) as
select
    l."First Name" as first_name,
    l."Last Name" as last_name,
    l."Full Name" as full_name,
    l."Title" as title,
    l."Headline" as headline,
    l."Seniority" as seniority,
    l."Email" as email,
    l."Email Status" as email_status,
    l."LinkedIn Link" as linkedin_url,
    l."Is Likely To Engage" as is_likely_to_engage,
    l."Lead City" as lead_city,
    l."Lead State" as lead_state,
    l."Lead Country" as lead_country,
    l."Company Name" as company_name,
    l."Industry" as industry,
    l."Employee Count" as employee_count,
    l."Departments" as departments,
    l."Subdepartments" as subdepartments,
    l."Functions" as functions,
    l."Cleaned Company Name" as cleaned_company_name,
    l."Company Website Full" as company_website,
    l."Company Website Short" as company_domain,
    l."Company LinkedIn Link" as company_linkedin_url,
    l."Company Phone Number" as company_phone_number,
    l."Company Street" as company_street,
    l."Company City" as company_city,
    l."Company State" as company_state,
    l."Company Country" as company_country,
    l."Company Postal Code" as company_postal_code,
    l."Company Address" as company_address,
    l."Company Keywords" as company_keywords,
    l."Company Technologies" as company_technologies,
    l."Company Short Description" as company_short_description,
    l."Company Founded Year" as company_founded_year,
    l."Score" as score,
    l."Similarity" as similarity,
    l."Social URLs" as social_urls,
    l."Public Emails" as public_emails,
    l."Redirect Domain" as redirect_domain,
    l."Update Date" as update_date,
    l."Followers" as followers,
    l."Connections" as connections,
    l."Last Post Date" as last_post_date,
    l."Posts Last 30 Days" as posts_last_30_days,
    l.enriched_at,
    l."About" as about,
    l."Company URL" as company_url,
    l."Current Company Name" as current_company_name,
    l."Location" as location,
    l."Job Description" as job_description,
    l."Job Started On" as job_started_on,
    l."Company Linkedin Id" as company_linkedin_id,
    l."Member Linkedin Id" as member_linkedin_id,
    l."Linkedin Specialities" as linkedin_specialities
from public.all_leads as l;
comment on view public.lead_pool is
    'all_leads under plain names; search by platform.search_words(full_name, company_name, title)';
grant select, insert, update, delete on public.lead_pool to service_role, svc_gtm_system;
