-- Leads and their trail, the way of an answer to its delivered blueprint, incoming webhooks, and what the
-- operator sees each morning.

create function platform.refuse_rewriting() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'Rows of % are never changed or deleted.', tg_table_name
        using errcode = 'LS409', table = tg_table_name, hint = 'Add a row that corrects the earlier one.';
end
$$;
comment on function platform.refuse_rewriting() is 'Row trigger: what was written stays as it was written';

create procedure platform.append_only(target text)
language plpgsql
set search_path = ''
as $$
begin
    execute pg_catalog.format(
        'create trigger refuse_rewriting before update or delete on public.%I for each row '
        'execute function platform.refuse_rewriting()',
        target
    );
end
$$;
comment on procedure platform.append_only(text) is 'Refuses every update and delete, to all roles';

create table public.leads (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    slug text not null check (slug <> ''),
    email text check (email = lower(btrim(email)) and email <> ''),
    full_name text,
    opt_in_data jsonb default '{}'::jsonb check (jsonb_typeof(opt_in_data) = 'object'),
    scraped_data jsonb default '{}'::jsonb,
    analysis_results jsonb default '{}'::jsonb,
    scores jsonb default '{}'::jsonb,
    report_data jsonb,
    status public.lead_status not null default 'pending'::public.lead_status,
    processing_step text,
    error_log text,
    byok boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    twenty_person_id text,
    twenty_company_id text,
    twenty_opportunity_id text,
    unique (tenant_id, slug)
);
comment on table public.leads is 'One person in the funnel of a tenant, whichever channel brought them';
comment on column public.leads.opt_in_data is
    'What the person and the channel told us: source (first touch), touches[], linkedin_url (normalised), '
    'phone, sms_consent, timezone, utm_*, campaign_id, referral_code, prospect_id, answers of forms';
comment on column public.leads.report_data is 'The finished report, public to whoever knows its address';
comment on column public.leads.processing_step is 'What the report worker does now, in words for people';
comment on column public.leads.byok is 'Made with the tenant''s own AI keys, and billed at that rate';
comment on column public.leads.twenty_person_id is 'The same person in a Twenty CRM';
comment on column public.leads.twenty_company_id is 'The person''s company in a Twenty CRM';
comment on column public.leads.twenty_opportunity_id is 'The person''s opportunity in a Twenty CRM';
create unique index leads_email_key on public.leads (tenant_id, lower(email)) where email is not null;
create unique index leads_linkedin_only_key on public.leads (tenant_id, (opt_in_data ->> 'linkedin_url'))
    where email is null and (opt_in_data ->> 'linkedin_url') is not null;
create index leads_linkedin_url_idx on public.leads (tenant_id, (opt_in_data ->> 'linkedin_url'));
create index leads_source_idx on public.leads (tenant_id, (opt_in_data ->> 'source'), created_at desc);
create index on public.leads (tenant_id, status, updated_at desc);
create index on public.leads (tenant_id, created_at desc);
call platform.maintain_updated_at('leads');
call access.state_machine('leads', 'status', '{
    "pending": ["scraping", "error", "qualified", "meeting_booked"],
    "scraping": ["analyzing", "error", "qualified", "meeting_booked"],
    "analyzing": ["scoring", "error", "qualified", "meeting_booked"],
    "scoring": ["composing", "error", "qualified", "meeting_booked"],
    "composing": ["notifying", "error", "qualified", "meeting_booked"],
    "notifying": ["complete", "error", "qualified", "meeting_booked"],
    "complete": ["qualified", "meeting_booked"],
    "error": ["pending", "qualified", "meeting_booked"],
    "qualified": ["meeting_booked"],
    "meeting_booked": ["qualified", "meeting_attended"],
    "meeting_attended": ["meeting_booked"]
}');

create table public.events (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    lead_id uuid references public.leads (id) on delete restrict,
    campaign_id uuid,
    event_type text not null,
    event_source text,
    title text not null,
    description text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now(),
    dedupe_key text
);
comment on table public.events is 'What happened, to a lead or to nobody in particular; only ever added to';
comment on column public.events.event_type is
    'An open vocabulary of past tenses: lead_created, status_changed, email_replied, booking_created, …';
comment on column public.events.event_source is
    'Where it came from, an open vocabulary: plusvibe, heyreach, calcom, form, system, user, …';
comment on column public.events.created_at is 'When it happened, by the clock of the source';
comment on column public.events.dedupe_key is
    'Names the occurrence within the tenant, so that a job that runs twice tells it once';
create unique index events_dedupe_key on public.events (tenant_id, dedupe_key) where dedupe_key is not null;
create index on public.events (lead_id, created_at desc);
create index on public.events (tenant_id, created_at desc);
create index on public.events (tenant_id, event_type, created_at desc);
create index on public.events (campaign_id);
call platform.append_only('events');

-- The status and its event are one change. Runs as its owner: people may move a lead, not invent events.
create function platform.record_lead_status() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    insert into public.events (tenant_id, lead_id, event_type, event_source, title, metadata)
    values (
        new.tenant_id, new.id, 'status_changed',
        case when auth.role() = 'authenticated' then 'user' else 'system' end,
        pg_catalog.format('Status changed from %s to %s', old.status, new.status),
        pg_catalog.jsonb_build_object(
            'from', old.status, 'to', new.status,
            'actor', coalesce(auth.uid()::text, auth.role(), session_user::text))
    );
    return null;
end
$$;
comment on function platform.record_lead_status() is 'Row trigger: each change of leads.status is an event';
create trigger record_status after update of status on public.leads for each row
when (old.status is distinct from new.status) execute function platform.record_lead_status();

create table public.reply_pipeline (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    source text not null check (source in ('plusvibe', 'heyreach', 'smartlead', 'form', 'api')),
    status text not null default 'pending' check (
        status in (
            'pending', 'acknowledged', 'generating', 'generated', 'delivering', 'delivered', 'error',
            'ignored', 'needs_review'
        )
    ),
    linkedin_url text,
    full_name text,
    email text,
    company text,
    campaign_id text,
    prospect_id text,
    report_url text,
    reply_text text,
    ack_sent_at timestamptz,
    blueprint_sent_at timestamptz,
    error_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    conversation_id text,
    linkedin_account_id integer,
    lead_id uuid references public.leads (id) on delete restrict,
    raw_payload jsonb,
    dm_ack_status text check (dm_ack_status in ('pending', 'sent', 'failed', 'skipped', 'blocked')),
    dm_delivery_status text
        check (dm_delivery_status in ('pending', 'sent', 'failed', 'skipped', 'blocked')),
    generation_started_at timestamptz,
    generated_at timestamptz,
    delivery_started_at timestamptz,
    retry_count integer not null default 0 check (retry_count >= 0),
    last_retry_at timestamptz,
    next_retry_at timestamptz,
    email_delivery_status text
        check (email_delivery_status in ('pending', 'sent', 'failed', 'skipped', 'blocked'))
);
comment on table public.reply_pipeline is 'One answer from outreach on its way to a delivered blueprint';
comment on column public.reply_pipeline.campaign_id is 'The campaign as the sending tool numbers it';
comment on column public.reply_pipeline.prospect_id is 'The prospect whose blueprint is delivered, as text';
comment on column public.reply_pipeline.conversation_id is 'The thread to answer in, as the tool names it';
comment on column public.reply_pipeline.linkedin_account_id is 'The HeyReach account that wrote first';
comment on column public.reply_pipeline.raw_payload is
    'The webhook as it came; our classification, and its override by a person, under _classification';
comment on column public.reply_pipeline.dm_ack_status is 'Null where there is nothing to send';
comment on column public.reply_pipeline.dm_delivery_status is 'Null where there is nothing to send';
comment on column public.reply_pipeline.email_delivery_status is 'Null where there is nothing to send';
create unique index reply_pipeline_open_conversation_key
    on public.reply_pipeline (tenant_id, source, conversation_id)
    where conversation_id is not null and status not in ('delivered', 'ignored', 'error');
create unique index reply_pipeline_open_email_key
    on public.reply_pipeline (tenant_id, source, lower(email))
    where conversation_id is null and email is not null
        and status not in ('delivered', 'ignored', 'error');
create index on public.reply_pipeline (status, next_retry_at);
create index on public.reply_pipeline (tenant_id, status, created_at desc);
create index on public.reply_pipeline (tenant_id, lower(email));
create index on public.reply_pipeline (lead_id);
create index on public.reply_pipeline (prospect_id);
call platform.maintain_updated_at('reply_pipeline');
call access.state_machine('reply_pipeline', 'status', '{
    "pending": ["acknowledged", "generating", "generated", "ignored", "needs_review", "error"],
    "acknowledged": ["generating", "generated", "ignored", "needs_review", "error"],
    "generating": ["generated", "ignored", "needs_review", "error"],
    "generated": ["delivering", "ignored", "needs_review", "error"],
    "delivering": ["delivered", "generated", "needs_review", "error"],
    "needs_review": ["pending", "acknowledged", "generating", "generated", "ignored", "error"],
    "ignored": ["pending", "needs_review"],
    "error": ["pending", "acknowledged", "generating", "generated", "delivering", "ignored", "needs_review"]
}');

create table public.blueprint_requests (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    source text not null
        check (source in ('form', 'api', 'admin', 'plusvibe', 'heyreach')),
    status text not null default 'received' check (
        status in (
            'received', 'acknowledged', 'generating', 'generated', 'delivering', 'delivered', 'error'
        )
    ),
    full_name text,
    email text,
    linkedin_url text,
    company text,
    prospect_id uuid references public.prospects (id) on delete restrict,
    report_url text,
    received_at timestamptz not null default now(),
    ack_sent_at timestamptz,
    generation_started_at timestamptz,
    generated_at timestamptz,
    delivery_started_at timestamptz,
    delivered_at timestamptz,
    retry_count integer not null default 0 check (retry_count >= 0),
    last_retry_at timestamptz,
    next_retry_at timestamptz,
    error_message text,
    raw_payload jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.blueprint_requests is 'A blueprint ordered by form, API or a person of the tenant';
comment on column public.blueprint_requests.raw_payload is 'The order as it came';
create index on public.blueprint_requests (tenant_id, received_at desc);
create index on public.blueprint_requests (status, next_retry_at);
create index on public.blueprint_requests (prospect_id);
call platform.maintain_updated_at('blueprint_requests');
call access.state_machine('blueprint_requests', 'status', '{
    "received": ["acknowledged", "generating", "generated", "error"],
    "acknowledged": ["generating", "generated", "error"],
    "generating": ["generated", "error"],
    "generated": ["delivering", "delivered", "error"],
    "delivering": ["delivered", "generated", "error"],
    "error": ["received", "acknowledged", "generating", "generated", "delivering"]
}');

create table public.webhook_events (
    id uuid primary key default gen_random_uuid(),
    event_key text not null unique,
    service text not null,
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    payload_hash text,
    created_at timestamptz not null default now(),
    event_type text,
    payload jsonb,
    status text not null default 'received'
        check (status in ('received', 'processing', 'processed', 'ignored', 'failed')),
    attempts integer not null default 0 check (attempts >= 0),
    error_message text,
    processed_at timestamptz
);
comment on table public.webhook_events is
    'Every webhook that proved its sender: payload, claim on its key, and how far we are with it';
comment on column public.webhook_events.event_key is
    'service:event id of the sender, or service:SHA-256 of the body where the sender gives none';
comment on column public.webhook_events.payload_hash is 'SHA-256 of the raw body, in hexadecimal';
comment on column public.webhook_events.payload is 'Null in adopted rows, of which only the hash was kept';
comment on column public.webhook_events.event_type is 'The name of the event, as the service sends it';
create index on public.webhook_events (tenant_id, created_at desc);
create index on public.webhook_events (tenant_id, service, created_at desc);
create index on public.webhook_events (created_at) where status in ('received', 'processing', 'failed');
call access.state_machine('webhook_events', 'status', '{
    "received": ["processing", "processed", "ignored", "failed"],
    "processing": ["received", "processed", "ignored", "failed"],
    "failed": ["received", "processing", "processed", "ignored"],
    "ignored": ["received"]
}');

create table public.metrics (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    campaign_id uuid,
    date date not null,
    leads_captured integer default 0,
    leads_enriched integer default 0,
    lead_magnets_sent integer default 0,
    surveys_completed integer default 0,
    leads_qualified integer default 0,
    bookings_created integer default 0,
    leads_from_leadshark integer default 0,
    leads_from_kondo integer default 0,
    leads_from_heyreach integer default 0,
    leads_from_plusvibe integer default 0,
    leads_from_organic integer default 0,
    emails_sent integer default 0,
    emails_replied integer default 0,
    dms_sent integer default 0,
    dms_replied integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique nulls not distinct (tenant_id, date, campaign_id)
);
comment on table public.metrics is 'Counts of a day, rebuilt from the events';
comment on column public.metrics.campaign_id is 'Null for the row over all campaigns';
comment on column public.metrics.date is 'The day in the tenant''s time zone';
create index on public.metrics (campaign_id);
call platform.maintain_updated_at('metrics');

create table public.system_health (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    service text not null,
    status text not null default 'unknown' check (status in ('unknown', 'healthy', 'degraded', 'down')),
    last_check_at timestamptz,
    last_success_at timestamptz,
    last_error_at timestamptz,
    last_error_message text,
    consecutive_failures integer default 0 check (consecutive_failures >= 0),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (tenant_id, service)
);
comment on table public.system_health is 'How each outside service of a tenant answered when last asked';
comment on column public.system_health.status is 'Unknown until the service is configured and asked';
call platform.maintain_updated_at('system_health');

create table public.audit_log (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid references public.tenants (id) on delete restrict,
    actor_id text,
    actor_type text default 'system' check (actor_type in ('system', 'user', 'api_key', 'webhook')),
    action text not null,
    resource_type text,
    resource_id text,
    metadata jsonb default '{}'::jsonb,
    ip_address inet,
    created_at timestamptz default now()
);
comment on table public.audit_log is 'Who changed what; only ever added to';
comment on column public.audit_log.tenant_id is 'Null for what concerns the installation';
comment on column public.audit_log.action is 'Resource and verb, such as lead.update';
comment on column public.audit_log.metadata is 'The changed fields before and after, secrets left out';
comment on column public.audit_log.resource_type is
    'The kind of thing that resource_id names, such as lead or proposal';
create index on public.audit_log (tenant_id, created_at desc);
create index on public.audit_log (resource_type, resource_id, created_at desc);
call platform.append_only('audit_log');

create table public.conductor_goals (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    period text not null check (period in ('weekly', 'monthly', 'quarterly')),
    metric_key text not null,
    target_value numeric not null default 0,
    current_value numeric not null default 0,
    period_start date not null,
    period_end date not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (period_end >= period_start),
    unique (tenant_id, period, metric_key, period_start)
);
comment on table public.conductor_goals is 'What a tenant wants to reach in a week, month or quarter';
comment on column public.conductor_goals.current_value is 'As of the last nightly count';
call platform.maintain_updated_at('conductor_goals');

create table public.conductor_signals (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    signal_type text not null,
    severity text not null default 'info' check (severity in ('info', 'warning', 'critical')),
    title text not null,
    description text,
    context jsonb default '{}'::jsonb,
    resolved_at timestamptz,
    resolved_by text,
    created_at timestamptz not null default now(),
    subject text
);
comment on table public.conductor_signals is 'Something the scanner noticed, open until it is resolved';
comment on column public.conductor_signals.subject is
    'What the signal is about, empty for the business as a whole: one open signal of a type per subject. '
    'Null in adopted rows';
comment on column public.conductor_signals.signal_type is 'What was noticed: the name of a rule of the scanner';
create unique index conductor_signals_open_key
    on public.conductor_signals (tenant_id, signal_type, subject) where resolved_at is null;
create index on public.conductor_signals (tenant_id, created_at desc);
create index conductor_signals_open_idx
    on public.conductor_signals (tenant_id, severity, created_at desc) where resolved_at is null;

create table public.conductor_tasks (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    category text not null default 'operations' check (
        category in ('operations', 'pipeline', 'outreach', 'content', 'revenue', 'delivery')
    ),
    priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
    title text not null,
    description text,
    action_url text,
    action_type text,
    context jsonb default '{}'::jsonb,
    due_date timestamptz,
    completed_at timestamptz,
    snoozed_until timestamptz,
    generated_by text,
    signal_id uuid references public.conductor_signals (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.conductor_tasks is 'Something for a person to do, with the click that does it';
comment on column public.conductor_tasks.generated_by is 'The name of the job, or the id of the person';
comment on column public.conductor_tasks.action_type is
    'What the click at action_url does; null where it only opens a page';
create index on public.conductor_tasks (tenant_id, created_at desc);
create index conductor_tasks_open_idx
    on public.conductor_tasks (tenant_id, due_date, created_at) where completed_at is null;
create index on public.conductor_tasks (signal_id);
call platform.maintain_updated_at('conductor_tasks');
call access.references_seen('conductor_tasks', 'signal_id', 'conductor_signals');

create table public.conductor_recommendations (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    category text not null default 'operations' check (
        category in ('operations', 'pipeline', 'outreach', 'content', 'revenue', 'delivery')
    ),
    priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
    title text not null,
    reasoning text,
    suggestion text,
    metric_impact text,
    data_points jsonb default '{}'::jsonb,
    auto_actionable boolean default false,
    action_taken boolean default false,
    dismissed_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.conductor_recommendations is 'Advice with its reasons, to accept or to dismiss';
comment on column public.conductor_recommendations.auto_actionable is 'One click carries it out';
create index on public.conductor_recommendations (tenant_id, created_at desc);

create table public.call_queue (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    contact_id uuid not null,
    priority integer not null default 5 check (priority between 1 and 10),
    reason text,
    scheduled_for timestamptz,
    notes text,
    status text not null default 'pending' check (
        status in ('pending', 'in_progress', 'completed', 'no_answer', 'skipped')
    ),
    assigned_to uuid references public.profiles (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    lead_id uuid references public.leads (id) on delete restrict,
    source text default 'manual' check (
        source in ('manual', 'no_show', 'positive_reply', 'blueprint_viewed', 'signal')
    )
);
comment on table public.call_queue is 'People to phone, and what came of it';
comment on column public.call_queue.contact_id is 'The contact of direct messages (dm_contacts)';
comment on column public.call_queue.priority is '1 is called first, 10 last';
create unique index call_queue_pending_key on public.call_queue (contact_id) where status = 'pending';
create index on public.call_queue (tenant_id, status, priority, created_at);
create index on public.call_queue (contact_id);
create index on public.call_queue (lead_id);
create index on public.call_queue (assigned_to);
call platform.maintain_updated_at('call_queue');
call access.references_seen('call_queue', 'lead_id', 'leads');
call access.state_machine('call_queue', 'status', '{
    "pending": ["in_progress", "completed", "no_answer", "skipped"],
    "in_progress": ["completed", "no_answer", "skipped", "pending"],
    "no_answer": ["pending", "in_progress", "skipped"],
    "skipped": ["pending"]
}');

create table public.credentials (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    service text not null,
    api_key text,
    api_secret text,
    workspace_id text,
    webhook_url text,
    oauth_token text,
    oauth_refresh_token text,
    oauth_expires_at timestamptz,
    is_connected boolean default false,
    last_verified_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    config jsonb default '{}'::jsonb,
    unique (tenant_id, service)
);
comment on table public.credentials is 'The tenant''s access to an outside service';
comment on column public.credentials.api_key is 'Encrypted';
comment on column public.credentials.api_secret is 'Encrypted';
comment on column public.credentials.webhook_url is 'Encrypted: whoever knows it can post';
comment on column public.credentials.oauth_token is 'Encrypted';
comment on column public.credentials.oauth_refresh_token is 'Encrypted';
comment on column public.credentials.config is 'Settings of the service that are no secrets';
call platform.maintain_updated_at('credentials');

create table public.fb_purchasers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    airtable_record_id text,
    email text not null,
    full_name text,
    phone text,
    linkedin_url text,
    headline text,
    job_title text,
    company_name text,
    company_url text,
    company_industry text,
    company_size text,
    country_code text,
    geo_location text,
    follower_count integer,
    connections_count integer,
    purchase_amount_cents integer,
    product_name text,
    order_date timestamptz,
    scraped_data jsonb,
    qualification_score integer,
    qualification_tier text,
    attio_person_id text,
    status text not null default 'new',
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.fb_purchasers is 'Buyers from Facebook advertisements, enriched for the sellers';
comment on column public.fb_purchasers.airtable_record_id is 'The same buyer in the former list';
comment on column public.fb_purchasers.scraped_data is 'The LinkedIn profile as it was read';
comment on column public.fb_purchasers.status is
    'How far the sellers are with the buyer; new, or a word of the former list';
create index on public.fb_purchasers (tenant_id, order_date desc);
create index on public.fb_purchasers (tenant_id, lower(email));
call platform.maintain_updated_at('fb_purchasers');

-- Access: people of the tenant write what they work on and read what the machines keep.

call access.tenant('leads', commands => '{select, insert, update}');
call access.guard('leads', '{byok}');
call access.written_by('leads', 'gtm_system', 'operations');

call access.tenant('events', commands => '{select}');
call access.written_by('events', 'gtm_system', 'operations');

call access.tenant('reply_pipeline', commands => '{select}');
call access.written_by('reply_pipeline', 'gtm_system', 'operations');

call access.tenant('blueprint_requests', commands => '{select}');
call access.written_by('blueprint_requests', 'gtm_system', 'operations');

call access.tenant('webhook_events', commands => '{select}');
call access.written_by('webhook_events', 'gtm_system', 'operations');

call access.tenant('metrics', commands => '{select}');
call access.written_by('metrics', 'gtm_system', 'operations');

call access.tenant('system_health', commands => '{select}');
call access.written_by('system_health', 'gtm_system', 'operations');

call access.tenant('audit_log', commands => '{select}');
call access.secret('audit_log', '{ip_address}');
call access.written_by('audit_log', 'gtm_system', 'operations');

call access.tenant('conductor_goals');
call access.guard('conductor_goals', '{current_value}');
call access.written_by('conductor_goals', 'gtm_system', 'operations');

call access.tenant('conductor_signals', commands => '{select, update}');
call access.guard(
    'conductor_signals',
    '{id, tenant_id, signal_type, severity, title, description, context, created_at, subject}');
call access.written_by('conductor_signals', 'gtm_system', 'operations');

call access.tenant('conductor_tasks');
call access.written_by('conductor_tasks', 'gtm_system', 'operations');

call access.tenant('conductor_recommendations', commands => '{select, update}');
call access.guard(
    'conductor_recommendations',
    '{id, tenant_id, category, priority, title, reasoning, suggestion, metric_impact, data_points,
    auto_actionable, created_at}');
call access.written_by('conductor_recommendations', 'gtm_system', 'operations');

call access.tenant('call_queue');
call access.written_by('call_queue', 'gtm_system', 'operations');

call access.tenant('credentials', commands => '{select}');
call access.secret('credentials', '{api_key, api_secret, webhook_url, oauth_token, oauth_refresh_token}');
call access.written_by('credentials', 'gtm_system', 'operations');

call access.tenant('fb_purchasers', commands => '{select}');
call access.written_by('fb_purchasers', 'gtm_system', 'operations');

create view public.lead_reports with (security_invoker = true) as
select l.tenant_id, l.slug, l.full_name, l.scores, l.report_data, l.updated_at
from public.leads as l
where l.report_data is not null
    and l.status in ('complete', 'qualified', 'meeting_booked', 'meeting_attended');
comment on view public.lead_reports is 'Finished reports: the columns that their readers may see';
grant select on public.lead_reports to authenticated, service_role, svc_gtm_system;

create function public.lead_report(tenant_id uuid, slug text) returns setof public.lead_reports
language sql stable security definer
rows 1
set search_path = ''
as $$
    select r.* from public.lead_reports as r
    where r.tenant_id = lead_report.tenant_id and r.slug = lead_report.slug
$$;
comment on function public.lead_report(uuid, text) is 'The report at an address; there is no list of them';
grant execute on function public.lead_report(uuid, text) to anon, authenticated, service_role, svc_gtm_system;
insert into access.definer_functions (function_name, reason) values
    ('public.lead_report', 'Open to whoever knows the address; a rule on the table would list them all');
