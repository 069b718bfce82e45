-- The tables of dfy: proposals, engagements with their deliverables and client portal, and intro offers.

create table public.proposals (
    id uuid primary key default gen_random_uuid(),
    slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    prospect_id uuid references public.prospects (id) on delete set null,
    status text not null default 'draft' check (status in ('draft', 'published', 'signed', 'archived')),
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
    goals jsonb not null default '[]'::jsonb check (jsonb_typeof(goals) = 'array'),
    services jsonb not null default '[]'::jsonb check (jsonb_typeof(services) = 'array'),
    roadmap jsonb not null default '[]'::jsonb check (jsonb_typeof(roadmap) = 'array'),
    pricing jsonb not null default '{}'::jsonb,
    next_steps jsonb not null default '[]'::jsonb check (jsonb_typeof(next_steps) = 'array'),
    transcript_text text,
    transcript_source text check (transcript_source in ('attio', 'manual')),
    additional_notes text,
    created_by text,
    view_count integer not null default 0 check (view_count >= 0),
    last_viewed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    monthly_rate_cents integer check (monthly_rate_cents >= 0),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    generation_status text check (generation_status in ('queued', 'running', 'completed', 'failed')),
    generation_error text
);
comment on table public.proposals is
    'An offer of done-for-you work, written from a sales call, signed on its own page';
comment on column public.proposals.slug is
    'firstname-company-xxxx: whoever knows it may read the published proposal';
comment on column public.proposals.status is
    'draft: written or edited; published: can be signed; signed: frozen; archived: the link is dead';
comment on column public.proposals.about_us is '{blurb, stats[{label, value}], socialProof[], signOff?}';
comment on column public.proposals.client_snapshot is '{company, industry, size, revenue, currentState}';
comment on column public.proposals.goals is
    '[{type: metric|aspirational|experimental, title, description, timeline}]';
comment on column public.proposals.services is '[{name, description, deliverables[], timeline}]';
comment on column public.proposals.roadmap is '[{phase, title, description, duration, milestones[]}]';
comment on column public.proposals.pricing is
    '{packages[{name, price, features[], recommended}], customItems[{label, price}], total, paymentTerms}: '
    'for display';
comment on column public.proposals.next_steps is '[{step, title, description}]';
comment on column public.proposals.created_by is 'The account, or what the earlier system wrote there';
comment on column public.proposals.monthly_rate_cents is 'The only amount that is charged';
comment on column public.proposals.generation_status is
    'Of the writing by AI; null when it was never asked for';
create index on public.proposals (tenant_id, status, created_at desc);
create index on public.proposals (prospect_id);
call platform.maintain_updated_at('proposals');
call access.state_machine('proposals', 'status', '{
    "draft": ["published", "archived"],
    "published": ["draft", "signed", "archived"],
    "signed": ["archived"],
    "archived": ["draft"]
}');

create table public.dfy_engagements (
    id uuid primary key default gen_random_uuid(),
    proposal_id uuid references public.proposals (id) on delete restrict,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    client_name text not null,
    client_email text not null check (client_email = lower(btrim(client_email))),
    client_company text,
    portal_slug text not null unique,
    portal_password_hash text,
    status text not null default 'pending_signature' check (status in (
        'pending_signature', 'pending_payment', 'onboarding', 'active', 'paused', 'completed', 'cancelled',
        'churned')),
    monthly_rate integer check (monthly_rate >= 0),
    stripe_subscription_id text unique,
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
    communication_preference text not null default 'email'
        check (communication_preference in ('email', 'slack', 'both')),
    client_industry text,
    linkedin_url text,
    intake_data jsonb,
    intake_submitted_at timestamptz,
    engagement_type text not null default 'full_dfy' check (engagement_type in ('full_dfy', 'intro_offer')),
    blueprint_prospect_id uuid references public.prospects (id) on delete set null,
    intake_status text not null default 'pending'
        check (intake_status in ('pending', 'submitted', 'processing', 'ready')),
    processed_intake jsonb,
    linear_customer_id text,
    template_slug text,
    onboarding_progress jsonb not null default '{}'::jsonb,
    intake_draft jsonb,
    stripe_checkout_session_id text unique,
    stripe_checkout_url text,
    deleted_at timestamptz
);
comment on table public.dfy_engagements is 'The done-for-you work agreed with one client';
comment on column public.dfy_engagements.monthly_rate is 'US cents';
comment on column public.dfy_engagements.portal_password_hash is
    'argon2id; an optional second way beside the magic link';
comment on column public.dfy_engagements.status is
    'churned: the subscription ended; cancelled: ended by an operator; completed: all agreed work is done';
comment on column public.dfy_engagements.magnetlab_user_id is 'The client''s own account (users.id), as text';
comment on column public.dfy_engagements.signed_at is
    'With signed_name, signed_ip, signed_user_agent the evidence: written once';
comment on column public.dfy_engagements.onboarding_checklist is '{key: {label, completed, notes}}';
comment on column public.dfy_engagements.intake_data is 'The client''s answers as given';
comment on column public.dfy_engagements.processed_intake is
    'What was made of them, in the shape of intro_offers.interview_data';
comment on column public.dfy_engagements.onboarding_progress is
    '{step: {status, at, error}} of the onboarding';
comment on column public.dfy_engagements.intake_draft is 'Answers that the client has not sent yet';
comment on column public.dfy_engagements.deleted_at is 'Deleted on the screens; the evidence stays';
create unique index dfy_engagements_one_per_proposal on public.dfy_engagements (proposal_id)
where status <> 'cancelled';
create index on public.dfy_engagements (proposal_id);
create index on public.dfy_engagements (tenant_id, status, created_at desc);
create index on public.dfy_engagements (blueprint_prospect_id);
create index on public.dfy_engagements (client_email);
create index on public.dfy_engagements (stripe_customer_id) where stripe_customer_id is not null;
create index on public.dfy_engagements (linear_project_id) where linear_project_id is not null;
call platform.maintain_updated_at('dfy_engagements');
call access.state_machine('dfy_engagements', 'status', '{
    "pending_signature": ["pending_payment", "cancelled"],
    "pending_payment": ["onboarding", "cancelled"],
    "onboarding": ["active", "cancelled", "churned"],
    "active": ["paused", "completed", "cancelled", "churned"],
    "paused": ["active", "cancelled", "churned"],
    "completed": ["pending_payment"],
    "cancelled": [],
    "churned": []
}');
call access.state_machine('dfy_engagements', 'intake_status', '{
    "pending": ["submitted"],
    "submitted": ["processing"],
    "processing": ["ready", "submitted"],
    "ready": []
}');

create table public.dfy_deliverables (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    name text not null,
    description text,
    category text check (category in ('onboarding', 'content', 'funnel', 'outbound')),
    status text not null default 'pending' check (status in (
        'pending', 'in_progress', 'review', 'revision_requested', 'approved', 'completed')),
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
    automation_type text check (automation_type in (
        'profile_rewrite', 'lead_magnet_create', 'content_calendar', 'heyreach_campaign', 'infra_provision',
        'prepare_content_call')),
    automation_status text default 'none'
        check (automation_status in ('none', 'pending', 'running', 'completed', 'failed')),
    depends_on uuid[] default '{}'::uuid[],
    revision_feedback text,
    revision_requested_at timestamptz,
    revision_count integer default 0 check (revision_count >= 0),
    linear_synced_at timestamptz,
    unique (engagement_id, name)
);
comment on table public.dfy_deliverables is
    'One piece of work for a client; done means approved or completed';
comment on column public.dfy_deliverables.status is
    'review: the client must act; an operator may set any status';
comment on column public.dfy_deliverables.milestone_id is 'Name of the milestone, which groups deliverables';
comment on column public.dfy_deliverables.depends_on is
    'Deliverables of the same engagement that must be done first';
comment on column public.dfy_deliverables.revision_feedback is
    'Of the last round; each round is in the activity log';
comment on column public.dfy_deliverables.linear_synced_at is 'When both sides last agreed';
create index on public.dfy_deliverables (engagement_id, status);
create index on public.dfy_deliverables (due_date) where status not in ('approved', 'completed');
create unique index dfy_deliverables_linear_issue_id_key on public.dfy_deliverables (linear_issue_id);
call platform.maintain_updated_at('dfy_deliverables');

create table public.dfy_automation_runs (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    deliverable_id uuid not null references public.dfy_deliverables (id) on delete restrict,
    automation_type text not null check (automation_type in (
        'profile_rewrite', 'lead_magnet_create', 'content_calendar', 'heyreach_campaign', 'infra_provision',
        'prepare_content_call')),
    status text not null default 'pending' check (status in ('pending', 'running', 'completed', 'failed')),
    trigger_run_id text,
    input_params jsonb default '{}'::jsonb,
    output_data jsonb default '{}'::jsonb,
    error_log text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.dfy_automation_runs is
    'One run of the automation of a deliverable; a retry is a new run';
comment on column public.dfy_automation_runs.trigger_run_id is 'The job that runs it';
comment on column public.dfy_automation_runs.input_params is
    '{trigger: on_create|on_prerequisite_complete|manual, params}';
comment on column public.dfy_automation_runs.output_data is
    'What it made; the shape depends on automation_type';
create unique index dfy_automation_runs_one_open on public.dfy_automation_runs (deliverable_id)
where status in ('pending', 'running');
create index on public.dfy_automation_runs (deliverable_id, created_at desc);
create index on public.dfy_automation_runs (engagement_id, created_at desc);
create index on public.dfy_automation_runs (started_at) where status = 'running';
call access.state_machine('dfy_automation_runs', 'status', '{
    "pending": ["running", "failed"],
    "running": ["completed", "failed"],
    "completed": [],
    "failed": []
}');

create table public.dfy_activity_log (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    deliverable_id uuid references public.dfy_deliverables (id) on delete set null,
    action text not null check (action ~ '^[a-z][a-z_]*$'),
    description text,
    actor text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now(),
    client_visible boolean not null default false
);
comment on table public.dfy_activity_log is 'What happened in an engagement; rows are only ever added';
comment on column public.dfy_activity_log.action is
    'status_change, client_approved, revision_requested, engagement_signed, …';
comment on column public.dfy_activity_log.actor is 'System, or the name of whoever did it';
comment on column public.dfy_activity_log.metadata is
    '{old_status, new_status} of a change; of a signature the SHA-256 and the text of the terms';
create index on public.dfy_activity_log (engagement_id, created_at desc);
create index on public.dfy_activity_log (deliverable_id);

create table public.dfy_client_sessions (
    id uuid primary key default gen_random_uuid(),
    token text not null unique check (token ~ '^[0-9a-f]{64}$'),
    engagement_id uuid not null references public.dfy_engagements (id) on delete cascade,
    email text not null check (email = lower(btrim(email))),
    expires_at timestamptz not null,
    created_at timestamptz default now(),
    kind text not null default 'session' check (kind in ('magic_link', 'session')),
    used_at timestamptz,
    last_seen_at timestamptz
);
comment on table public.dfy_client_sessions is
    'A magic link to the client portal, or the session that it opened';
comment on column public.dfy_client_sessions.token is 'SHA-256 of the token, in hexadecimal';
comment on column public.dfy_client_sessions.used_at is 'When the link was followed: it opens one session';
create index on public.dfy_client_sessions (engagement_id);
create index on public.dfy_client_sessions (expires_at);

create table public.dfy_intake_files (
    id uuid primary key default gen_random_uuid(),
    engagement_id uuid not null references public.dfy_engagements (id) on delete restrict,
    file_name text not null,
    file_type text not null,
    storage_path text not null unique,
    file_size integer check (file_size >= 0),
    processed boolean default false,
    extracted_text text,
    created_at timestamptz default now()
);
comment on table public.dfy_intake_files is 'A file that the client or an operator gave to the engagement';
comment on column public.dfy_intake_files.storage_path is '{engagement_id}/{client|admin}/{uuid}-{name}';
comment on column public.dfy_intake_files.file_size is 'Bytes';
comment on column public.dfy_intake_files.processed is
    'The reading of the text has ended, with or without one';
comment on column public.dfy_intake_files.file_type is 'The media type of the file';
create index on public.dfy_intake_files (engagement_id, created_at);

create table public.intro_offers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    lead_id uuid references public.leads (id) on delete set null,
    prospect_id uuid references public.prospects (id) on delete set null,
    status public.intro_offer_status not null default 'created'::public.intro_offer_status,
    stripe_payment_intent_id text unique,
    stripe_checkout_session_id text unique,
    amount_paid integer check (amount_paid >= 0),
    discount_code text,
    magnetlab_user_id uuid references public.users (id) on delete set null,
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
comment on table public.intro_offers is
    'The one-off launch package; new ones are engagements of type intro_offer';
comment on column public.intro_offers.amount_paid is 'US cents';
comment on column public.intro_offers.interview_data is
    '{icp{industry, company_size, job_titles[], pain_points[], buying_triggers[]}, content{key_topics[], '
    'client_stories[], tone_notes, avoid[]}, lead_magnet{preferred_archetype, topic_direction, '
    'existing_assets[]}, outreach{target_companies[], geographic_focus, exclusions[]}}';
comment on column public.intro_offers.supplementary_data is 'Whatever else the client gave';
create index on public.intro_offers (tenant_id, status, created_at desc);
create index on public.intro_offers (lead_id);
create index on public.intro_offers (prospect_id);
create index on public.intro_offers (magnetlab_user_id);
call platform.maintain_updated_at('intro_offers');
call access.state_machine('intro_offers', 'status', '{
    "created": ["payment_received"],
    "payment_received": ["provisioning"],
    "provisioning": ["interview_pending"],
    "interview_pending": ["fulfilling"],
    "fulfilling": ["review"],
    "review": ["delivered"],
    "delivered": ["handed_off"],
    "handed_off": []
}');

create table public.intro_offer_deliverables (
    id uuid primary key default gen_random_uuid(),
    offer_id uuid not null references public.intro_offers (id) on delete restrict,
    type public.intro_offer_deliverable_type not null,
    status public.intro_offer_deliverable_status not null
        default 'pending'::public.intro_offer_deliverable_status,
    title text not null,
    metadata jsonb default '{}'::jsonb,
    started_at timestamptz,
    completed_at timestamptz,
    delivered_at timestamptz,
    delivery_order integer not null default 0,
    notes text,
    error_message text,
    created_at timestamptz not null default now(),
    unique (offer_id, type)
);
comment on table public.intro_offer_deliverables is 'One of the five things in an intro offer';
comment on column public.intro_offer_deliverables.metadata is '{funnel_url, invitationUrl, …}';
comment on column public.intro_offer_deliverables.delivery_order is
    'The order in which they are shown and released';
call access.state_machine('intro_offer_deliverables', 'status', '{
    "pending": ["in_progress", "error"],
    "in_progress": ["review", "completed", "error"],
    "review": ["in_progress", "completed", "error"],
    "completed": ["in_progress", "delivered"],
    "error": ["pending", "in_progress"],
    "delivered": []
}');

create table public.linear_slack_threads (
    id uuid primary key default gen_random_uuid(),
    linear_issue_id text not null,
    slack_message_ts text not null,
    slack_channel_id text not null,
    created_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, linear_issue_id)
);
comment on table public.linear_slack_threads is
    'The Slack thread in which the messages about a Linear issue gather';
comment on column public.linear_slack_threads.slack_message_ts is
    'Slack''s id of the first message of the thread';

-- Rules that hold for whoever writes. Adoption, which carries no role in its claims, brings old rows in as
-- they were.

create function platform.refuse_unfinished_proposal() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if auth.role() is not null and (
        btrim(new.headline) = '' or btrim(new.executive_summary) = ''
        or pg_catalog.jsonb_array_length(new.services) = 0
        or coalesce(btrim(new.pricing ->> 'total'), '') = ''
        or coalesce(new.monthly_rate_cents, 0) = 0
    ) then
        raise exception 'A proposal is published with a headline, a summary, a service, a total and a rate.'
            using errcode = '23514', table = 'proposals', column = 'status';
    end if;
    return new;
end
$$;
comment on function platform.refuse_unfinished_proposal() is 'Row trigger: only a whole proposal goes public';
create trigger refuse_unfinished
before insert or update of status, headline, executive_summary, services, pricing, monthly_rate_cents
on public.proposals
for each row when (new.status = 'published') execute function platform.refuse_unfinished_proposal();

create function platform.keep_signed_proposal() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if auth.role() is not null then
        raise exception 'A signed proposal stays as it was signed.'
            using errcode = 'LS409', table = 'proposals', column = 'status';
    end if;
    return new;
end
$$;
comment on function platform.keep_signed_proposal() is 'Row trigger: the text of a signed proposal is frozen';
create trigger keep_signed before update on public.proposals
for each row when (
    old.status = 'signed'
    and (
        old.slug, old.client_name, old.client_title, old.client_company, old.headline, old.executive_summary,
        old.about_us, old.client_snapshot, old.goals, old.services, old.roadmap, old.pricing, old.next_steps,
        old.monthly_rate_cents, old.tenant_id
    ) is distinct from (
        new.slug, new.client_name, new.client_title, new.client_company, new.headline, new.executive_summary,
        new.about_us, new.client_snapshot, new.goals, new.services, new.roadmap, new.pricing, new.next_steps,
        new.monthly_rate_cents, new.tenant_id))
execute function platform.keep_signed_proposal();

create function platform.keep_signature() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'The evidence of a signature is written once.'
        using errcode = 'LS409', table = 'dfy_engagements', column = 'signed_at';
end
$$;
comment on function platform.keep_signature() is 'Row trigger: who signed, when and from where never changes';
create trigger keep_signature before update on public.dfy_engagements
for each row when (
    old.signed_at is not null
    and (old.signed_name, old.signed_at, old.signed_ip, old.signed_user_agent)
        is distinct from (new.signed_name, new.signed_at, new.signed_ip, new.signed_user_agent))
execute function platform.keep_signature();

create function platform.refuse_early_intro_offer() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if exists (
        select from public.intro_offer_deliverables as d
        where d.offer_id = new.id
            and d.status <> 'delivered'
            and (new.status = 'delivered' or d.status <> 'completed')
    ) then
        raise exception 'Not every deliverable of the offer is that far.'
            using errcode = 'LS409', table = 'intro_offers', column = 'status';
    end if;
    return new;
end
$$;
comment on function platform.refuse_early_intro_offer() is
    'Row trigger: an offer is reviewed when all its parts are completed, and delivered when they are';
create trigger refuse_early before update of status on public.intro_offers
for each row when (old.status is distinct from new.status and new.status in ('review', 'delivered'))
execute function platform.refuse_early_intro_offer();

-- Visitors get a proposal by its slug and can't list them, so this is a function and no policy.
create function public.published_proposal(slug text)
returns table (
    id uuid, status text, client_name text, client_title text, client_company text, client_logo_url text,
    client_brand_color text, client_website text, headline text, executive_summary text, about_us jsonb,
    client_snapshot jsonb, goals jsonb, services jsonb, roadmap jsonb, pricing jsonb, next_steps jsonb,
    monthly_rate_cents integer
)
language sql stable security definer
set search_path = ''
begin atomic
    select
        p.id, p.status, p.client_name, p.client_title, p.client_company, p.client_logo_url,
        p.client_brand_color, p.client_website, p.headline, p.executive_summary, p.about_us,
        p.client_snapshot, p.goals, p.services, p.roadmap, p.pricing, p.next_steps, p.monthly_rate_cents
    from public.proposals as p
    where p.slug = published_proposal.slug and p.status in ('published', 'signed');
end;
comment on function public.published_proposal(text) is
    'What the public page of a proposal shows; nothing when it is not published';
insert into access.definer_functions (function_name, reason) values
    ('public.published_proposal', 'Shows one published proposal to whoever has its link; none can be listed');
grant execute on function public.published_proposal(text) to
    anon, authenticated, service_role, svc_gtm_system, svc_copy_of_gtm_os;

-- Access. Operators are the people of the tenant; a client reads what is theirs, and acts through services.

call access.tenant('proposals');
call access.references_seen('proposals', 'prospect_id', 'prospects');
call access.guard('proposals', '{
    tenant_id, view_count, last_viewed_at, generation_status, generation_error
}');
call access.written_by('proposals', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.tenant('dfy_engagements', commands => '{select, insert, update}');
call access.client('dfy_engagements', engagement_column => 'id');
call access.secret('dfy_engagements', '{portal_password_hash, signed_ip}');
call access.guard('dfy_engagements', '{
    tenant_id, stripe_subscription_id, stripe_customer_id, stripe_checkout_session_id, stripe_checkout_url,
    signed_name, signed_at, signed_user_agent, intake_status, intake_submitted_at, processed_intake,
    onboarding_progress
}');
call access.written_by('dfy_engagements', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_deliverables', 'engagement_id', 'dfy_engagements');
call access.client('dfy_deliverables');
call access.guard('dfy_deliverables', '{
    automation_status, client_approved_at, client_notes, revision_feedback, revision_requested_at,
    revision_count, linear_synced_at
}');
call access.written_by('dfy_deliverables', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_automation_runs', 'engagement_id', 'dfy_engagements', commands => '{select}');
call access.client(
    'dfy_automation_runs',
    condition => '{row}.status = ''completed'' and exists ('
        'select from public.dfy_deliverables as d where d.id = {row}.deliverable_id '
        'and d.status in (''review'', ''approved'', ''completed''))');
call access.written_by('dfy_automation_runs', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_activity_log', 'engagement_id', 'dfy_engagements', commands => '{select}');
call access.client('dfy_activity_log', condition => '{row}.client_visible');
call access.written_by('dfy_activity_log', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_client_sessions', 'engagement_id', 'dfy_engagements', commands => '{select}');
call access.secret('dfy_client_sessions', '{token}');
call access.written_by('dfy_client_sessions', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('dfy_intake_files', 'engagement_id', 'dfy_engagements', commands => '{select}');
call access.client('dfy_intake_files');
call access.written_by('dfy_intake_files', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.tenant('intro_offers', commands => '{select}');
call access.written_by('intro_offers', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.through('intro_offer_deliverables', 'offer_id', 'intro_offers', commands => '{select}');
call access.written_by('intro_offer_deliverables', 'gtm_system', 'dfy', '{copy_of_gtm_os}');

call access.tenant('linear_slack_threads', commands => '{select}');
call access.written_by('linear_slack_threads', 'gtm_system', 'dfy', '{copy_of_gtm_os}');
