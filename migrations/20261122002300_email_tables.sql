-- The tables of email.

create table public.email_broadcasts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    subject text not null,
    body text not null,
    status text not null default 'draft',
    recipient_count integer default 0,
    sent_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid,
    user_id uuid,
    audience_filter jsonb
);
comment on table public.email_broadcasts is 'Broadcast emails';
create index on public.email_broadcasts (tenant_id);
call platform.maintain_updated_at('email_broadcasts');

create table public.email_events (
    id uuid primary key default gen_random_uuid(),
    email_id text not null,
    lead_id uuid,
    lead_magnet_id uuid,
    user_id uuid not null,
    event_type text not null,
    recipient_email text not null,
    subject text,
    link_url text,
    bounce_type text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz not null default now()
);
comment on table public.email_events is 'DESCRIBE';

create table public.email_flows (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    name text not null,
    description text,
    status text not null default 'draft',
    trigger_type text not null,
    ai_system_prompt text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    trigger_event_type text,
    from_name text,
    from_email text,
    reply_to_email text,
    team_id uuid,
    user_id uuid,
    trigger_lead_magnet_id uuid
);
comment on table public.email_flows is 'Email automation flows';
call platform.maintain_updated_at('email_flows');

create table public.email_flow_contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    flow_id uuid not null references public.email_flows (id) on delete restrict,
    email text not null,
    first_name text,
    current_step integer not null default 0,
    status text not null default 'active',
    entered_at timestamptz not null default now(),
    last_sent_at timestamptz,
    trigger_task_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_id uuid,
    subscriber_id uuid
);
comment on table public.email_flow_contacts is 'Contacts in flows';
create index on public.email_flow_contacts (flow_id);
call platform.maintain_updated_at('email_flow_contacts');

create table public.email_flow_steps (
    id uuid primary key default gen_random_uuid(),
    flow_id uuid not null references public.email_flows (id) on delete restrict,
    step_number integer not null,
    subject text not null,
    body text not null,
    delay_days integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.email_flow_steps is 'Flow step definitions';
create index on public.email_flow_steps (flow_id);
call platform.maintain_updated_at('email_flow_steps');

create table public.email_review_queue (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    flow_id uuid references public.email_flows (id) on delete set null,
    step_id uuid references public.email_flow_steps (id) on delete set null,
    recipient_email text not null,
    recipient_name text,
    subject text not null,
    body_original text not null,
    body_generated text not null,
    ai_context jsonb default '{}'::jsonb,
    status text not null default 'pending_review',
    error_message text,
    reviewed_at timestamptz,
    sent_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.email_review_queue is 'Emails pending review';
create index on public.email_review_queue (tenant_id);
create index on public.email_review_queue (step_id);
create index on public.email_review_queue (flow_id);

create table public.email_sends (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    post_id uuid,
    email_type text not null,
    resend_email_id text,
    recipient_count integer default 0,
    sent_at timestamptz default now(),
    error_message text,
    broadcast_id uuid references public.email_broadcasts (id) on delete set null,
    status text default 'sent',
    created_at timestamptz default now()
);
comment on table public.email_sends is 'Send tracking';
create index on public.email_sends (broadcast_id);

create table public.email_settings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null,
    resend_audience_id text,
    from_email text not null default 'noreply@example.com',
    from_name text,
    reply_to_email text,
    daily_digest_enabled boolean default false,
    daily_digest_subject text default 'Your Daily Content Digest',
    is_active boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    resend_api_key text,
    ps_template text,
    send_time text default '10:00',
    timezone text default 'America/Los_Angeles',
    append_ps_to_flows boolean default true
);
comment on table public.email_settings is 'Email configuration';
call platform.maintain_updated_at('email_settings');

create table public.email_subscribers (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    source text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    metadata jsonb default '{}'::jsonb,
    company text,
    team_id uuid,
    first_name text,
    last_name text,
    source_id uuid,
    subscribed_at timestamptz default now(),
    unsubscribed_at timestamptz,
    status text default 'active'
);
comment on table public.email_subscribers is 'Unified subscriber list';
call platform.maintain_updated_at('email_subscribers');

-- Access.

call access.owner('email_broadcasts');
call access.written_by('email_broadcasts', 'gtm_system', 'email');

call access.owner('email_events');
call access.written_by('email_events', 'gtm_system', 'email');

call access.owner('email_flows');
call access.written_by('email_flows', 'gtm_system', 'email');

call access.team('email_flow_contacts');
call access.written_by('email_flow_contacts', 'gtm_system', 'email');

call access.through('email_flow_steps', 'flow_id', 'email_flows');
call access.written_by('email_flow_steps', 'gtm_system', 'email');

call access.tenant('email_review_queue');
call access.written_by('email_review_queue', 'gtm_system', 'email');

call access.tenant('email_sends');
call access.written_by('email_sends', 'gtm_system', 'email');

call access.tenant('email_settings');
call access.written_by('email_settings', 'gtm_system', 'email');

call access.team('email_subscribers');
call access.written_by('email_subscribers', 'gtm_system', 'email');
