-- The tables of email: one subscriber list per team, flows, broadcasts, reviews, and the outbox through
-- which every message leaves. Mail always belongs to a team; somebody who has chosen none works in their
-- personal one.

create function access.personal_team_id() returns uuid
language sql stable security definer
set search_path = ''
as $$ select t.id from public.teams as t where t.owner_id = auth.uid() and t.is_personal $$;
comment on function access.personal_team_id() is 'The team of a new row that names none: the actor''s own';
insert into access.definer_functions (function_name, reason) values
    ('access.personal_team_id', 'Answers the caller''s own team; teams are themselves under its rule');
grant execute on function access.personal_team_id() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create function platform.identity_hash(value text) returns text
language sql immutable strict parallel safe
set search_path = ''
as $$
    select pg_catalog.encode(
        pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.lower(pg_catalog.btrim(value)), 'UTF8')), 'hex')
$$;
comment on function platform.identity_hash(text) is
    'What the suppression list keeps of an address: SHA-256 of it, trimmed and in lower case, as hexadecimal';

create table public.email_settings (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null unique default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    resend_audience_id text,
    from_email text not null default 'noreply@example.com' check (from_email !~ '[\r\n]'),
    from_name text check (from_name !~ '[\r\n]'),
    reply_to_email text check (reply_to_email !~ '[\r\n]'),
    daily_digest_enabled boolean default false,
    daily_digest_subject text default 'Your Daily Content Digest' check (daily_digest_subject !~ '[\r\n]'),
    is_active boolean default false,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    resend_api_key text,
    ps_template text,
    send_time text default '10:00' check (send_time ~ '^([01]\d|2[0-3]):[0-5]\d$'),
    timezone text default 'America/Los_Angeles',
    append_ps_to_flows boolean default true,
    postal_address text,
    sending_paused_at timestamptz,
    sending_paused_reason text,
    constraint email_settings_sender_before_activation check (
        is_active is not true or lower(from_email) not like '%@example.com')
);
comment on table public.email_settings is
    'How a tenant sends mail: sender, master switch, digest, postscript';
comment on column public.email_settings.is_active is
    'The master switch: off, nothing but transactional mail leaves';
comment on column public.email_settings.resend_api_key is 'Encrypted';
comment on column public.email_settings.send_time is
    'HH:MM in timezone: when the digest and delayed steps go out';
comment on column public.email_settings.postal_address is 'Stands in the footer of marketing mail';
comment on column public.email_settings.sending_paused_at is 'Set when the provider refused the key';
call platform.maintain_updated_at('email_settings');

create table public.email_subscribers (
    id uuid primary key default gen_random_uuid(),
    email text not null check (email = lower(btrim(email)) and email <> ''),
    source text check (source in (
        'lead_magnet', 'manual', 'import', 'csv_import', 'resend_import', 'positive_reply', 'purchaser',
        'meeting', 'heyreach', 'plusvibe', 'gtm_sync')),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    metadata jsonb default '{}'::jsonb check (jsonb_typeof(metadata) = 'object'),
    company text,
    team_id uuid not null default access.personal_team_id()
        references public.teams (id) on delete restrict,
    first_name text,
    last_name text,
    source_id uuid,
    subscribed_at timestamptz default now(),
    unsubscribed_at timestamptz,
    status text not null default 'active'
        check (status in ('active', 'unsubscribed', 'bounced', 'complained')),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (team_id, email),
    constraint email_subscribers_unsubscribed_when check (
        status <> 'unsubscribed' or unsubscribed_at is not null)
);
comment on table public.email_subscribers is 'An address on the mailing list of one team';
comment on column public.email_subscribers.source is
    'How the address first came; later ways are in metadata.sources';
comment on column public.email_subscribers.source_id is 'The lead magnet, when source is lead_magnet';
comment on column public.email_subscribers.metadata is
    '{tags[], sources[], suppression{reason, at, event_id}, resubscribed_at, …}; merged, never replaced';
comment on column public.email_subscribers.status is 'Only active receives marketing mail';
create index on public.email_subscribers (team_id, created_at desc, id);
create index on public.email_subscribers (tenant_id, email);
create index on public.email_subscribers (source_id) where source_id is not null;
call platform.maintain_updated_at('email_subscribers');
call access.state_machine('email_subscribers', 'status', '{
    "active": ["unsubscribed", "bounced", "complained"],
    "unsubscribed": ["active", "bounced", "complained"],
    "bounced": ["complained"],
    "complained": []
}');

create table public.suppressions (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    team_id uuid references public.teams (id) on delete restrict,
    channel text not null check (channel in ('email', 'linkedin')),
    identity_hash text not null check (identity_hash ~ '^[0-9a-f]{64}$'),
    reason text not null check (reason in ('unsubscribed', 'bounced', 'complained', 'erased')),
    created_at timestamptz not null default now(),
    unique nulls not distinct (tenant_id, channel, identity_hash, team_id)
);
comment on table public.suppressions is
    'Whom nobody may write to any more, kept as a hash so that it outlives the erasure of the person';
comment on column public.suppressions.team_id is 'Null: holds for the whole tenant';
comment on column public.suppressions.identity_hash is
    'platform.identity_hash of the e-mail address, or of the LinkedIn profile URL';
create index on public.suppressions (team_id);

create table public.email_sync_secrets (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete cascade,
    secret_hash text not null unique check (secret_hash ~ '^[0-9a-f]{64}$'),
    secret_suffix text not null,
    created_by uuid references public.users (id) on delete set null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    revoked_at timestamptz
);
comment on table public.email_sync_secrets is
    'Secrets with which other systems add subscribers, each for one team alone';
comment on column public.email_sync_secrets.secret_hash is 'SHA-256 of the secret, in hexadecimal';
comment on column public.email_sync_secrets.secret_suffix is 'The last four characters, for display';
create index on public.email_sync_secrets (team_id);
create index on public.email_sync_secrets (created_by);

create table public.email_flows (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    name text not null check (char_length(name) between 1 and 200),
    description text check (char_length(description) <= 1000),
    status text not null default 'draft' check (status in ('draft', 'active', 'paused')),
    trigger_type text not null check (trigger_type in ('manual', 'lead_magnet', 'event')),
    ai_system_prompt text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    trigger_event_type text check (trigger_event_type in (
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook')),
    from_name text check (from_name !~ '[\r\n]'),
    from_email text check (from_email !~ '[\r\n]'),
    reply_to_email text check (reply_to_email !~ '[\r\n]'),
    team_id uuid not null default access.personal_team_id()
        references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete restrict,
    trigger_lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    allows_reentry boolean not null default false,
    constraint email_flows_active_with_trigger check (
        status <> 'active'
        or trigger_type = 'manual'
        or (trigger_type = 'lead_magnet' and trigger_lead_magnet_id is not null)
        or (trigger_type = 'event' and trigger_event_type is not null))
);
comment on table public.email_flows is
    'A series of mails that people enter by hand, by a lead magnet or by an event';
comment on column public.email_flows.ai_system_prompt is
    'Not null: each message is rewritten for its recipient and waits for a review';
comment on column public.email_flows.allows_reentry is 'Whether somebody who went through may enter again';
create index on public.email_flows (team_id, created_at desc);
create index on public.email_flows (user_id);
create index on public.email_flows (tenant_id);
create index on public.email_flows (trigger_lead_magnet_id);
create index on public.email_flows (trigger_event_type) where status = 'active' and trigger_type = 'event';
create unique index email_flows_one_active_per_lead_magnet on public.email_flows (trigger_lead_magnet_id)
where status = 'active' and trigger_type = 'lead_magnet';
call platform.maintain_updated_at('email_flows');
call access.state_machine('email_flows', 'status', '{
    "draft": ["active"],
    "active": ["paused", "draft"],
    "paused": ["active", "draft"]
}');

create table public.email_flow_steps (
    id uuid primary key default gen_random_uuid(),
    flow_id uuid not null references public.email_flows (id) on delete cascade,
    step_number integer not null check (step_number >= 0),
    subject text not null check (char_length(subject) between 1 and 500 and subject !~ '[\r\n]'),
    body text not null check (body <> ''),
    delay_days integer not null default 1 check (delay_days between 0 and 365),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (flow_id, step_number) deferrable initially immediate
);
comment on table public.email_flow_steps is 'One mail of a flow';
comment on column public.email_flow_steps.step_number is 'From 0, without gaps; one statement renumbers';
comment on column public.email_flow_steps.delay_days is
    'Days after the previous step; for step 0 after the entry';
call platform.maintain_updated_at('email_flow_steps');

create table public.email_flow_contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    flow_id uuid not null references public.email_flows (id) on delete cascade,
    email text not null check (email = lower(btrim(email)) and email <> ''),
    first_name text,
    current_step integer not null default 0 check (current_step >= 0),
    status text not null default 'active'
        check (status in ('active', 'paused', 'completed', 'unsubscribed', 'failed')),
    entered_at timestamptz not null default now(),
    last_sent_at timestamptz,
    trigger_task_id text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete restrict,
    subscriber_id uuid references public.email_subscribers (id) on delete set null,
    next_run_at timestamptz,
    error_message text,
    unique (flow_id, subscriber_id),
    unique (flow_id, email)
);
comment on table public.email_flow_contacts is 'One person on the way through one flow';
comment on column public.email_flow_contacts.current_step is
    'How many steps were sent, so also the step that is next';
comment on column public.email_flow_contacts.team_id is 'The team of the flow, set by trigger';
comment on column public.email_flow_contacts.trigger_task_id is
    'Job that carries the contact on; kept from the earlier system';
create index on public.email_flow_contacts (subscriber_id);
create index on public.email_flow_contacts (tenant_id);
create index on public.email_flow_contacts (team_id, email);
create index on public.email_flow_contacts (status, next_run_at);
call platform.maintain_updated_at('email_flow_contacts');
call access.state_machine('email_flow_contacts', 'status', '{
    "active": ["paused", "completed", "unsubscribed", "failed"],
    "paused": ["active", "completed", "unsubscribed", "failed"],
    "failed": ["active", "unsubscribed"],
    "completed": ["active"],
    "unsubscribed": ["active"]
}');

create table public.email_broadcasts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    subject text not null check (char_length(subject) <= 500 and subject !~ '[\r\n]'),
    body text not null,
    status text not null default 'draft' check (status in ('draft', 'sending', 'sent', 'failed')),
    recipient_count integer default 0 check (recipient_count >= 0),
    sent_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid not null default access.personal_team_id()
        references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete restrict,
    audience_filter jsonb,
    constraint email_broadcasts_audience check (
        jsonb_typeof(audience_filter) = 'object'
        and coalesce(audience_filter ->> 'engagement', 'never_opened') in (
            'opened_30d', 'opened_60d', 'opened_90d', 'clicked_30d', 'clicked_60d', 'clicked_90d',
            'never_opened')
        and coalesce(audience_filter ->> 'source', 'manual')
            ~ '^(lead_magnet|manual|import|lead_magnet:[0-9a-f-]{36})$')
);
comment on table public.email_broadcasts is 'One mail to many subscribers of a team at once';
comment on column public.email_broadcasts.audience_filter is
    '{engagement?: opened_30d|…|never_opened, source?: lead_magnet|manual|import|lead_magnet:<id>}; null: '
    'all active';
comment on column public.email_broadcasts.recipient_count is
    'Expected when the sending starts; at the end how many the provider took';
create index on public.email_broadcasts (team_id, created_at desc);
create index on public.email_broadcasts (user_id);
create index on public.email_broadcasts (tenant_id);
call platform.maintain_updated_at('email_broadcasts');
call access.state_machine('email_broadcasts', 'status', '{
    "draft": ["sending"],
    "sending": ["sent", "failed"],
    "sent": ["sending"],
    "failed": ["sending"]
}');

create table public.email_review_queue (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    flow_id uuid references public.email_flows (id) on delete set null,
    step_id uuid references public.email_flow_steps (id) on delete set null,
    recipient_email text not null check (recipient_email = lower(btrim(recipient_email))),
    recipient_name text,
    subject text not null check (subject !~ '[\r\n]'),
    body_original text not null,
    body_generated text not null,
    ai_context jsonb default '{}'::jsonb,
    status text not null default 'pending_review'
        check (status in ('pending_review', 'approved', 'rejected', 'sent', 'failed')),
    error_message text,
    reviewed_at timestamptz,
    sent_at timestamptz,
    created_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete restrict,
    contact_id uuid references public.email_flow_contacts (id) on delete set null,
    reviewed_by uuid references public.users (id) on delete set null,
    body_edited text
);
comment on table public.email_review_queue is 'A mail that a model rewrote and a person must approve';
comment on column public.email_review_queue.ai_context is 'The facts that the model was given';
comment on column public.email_review_queue.body_edited is
    'What the reviewer made of it; null when unchanged';
comment on column public.email_review_queue.error_message is 'Why the model or the provider failed';
comment on column public.email_review_queue.team_id is 'The team of the flow, set by trigger';
create index on public.email_review_queue (team_id, status, created_at);
create index on public.email_review_queue (tenant_id);
create index on public.email_review_queue (flow_id);
create index on public.email_review_queue (step_id);
create index on public.email_review_queue (reviewed_by);
create unique index email_review_queue_contact_step on public.email_review_queue (contact_id, step_id)
where status in ('pending_review', 'approved');
create index on public.email_review_queue (contact_id);
call access.state_machine('email_review_queue', 'status', '{
    "pending_review": ["approved", "rejected"],
    "approved": ["sent", "failed", "pending_review"],
    "failed": ["approved", "rejected"],
    "rejected": [],
    "sent": []
}');

create table public.email_sends (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    post_id uuid references public.cp_pipeline_posts (id) on delete set null,
    email_type text not null check (email_type in (
        'broadcast', 'flow', 'sequence', 'resource', 'digest', 'review', 'transactional', 'test')),
    resend_email_id text,
    recipient_count integer default 0 check (recipient_count >= 0),
    sent_at timestamptz default now(),
    error_message text,
    broadcast_id uuid references public.email_broadcasts (id) on delete restrict,
    status text default 'sent' check (status in ('queued', 'sent', 'failed')),
    created_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete restrict
);
comment on table public.email_sends is 'One call to the mail provider, for one recipient or a batch';
comment on column public.email_sends.post_id is 'The content post of a digest';
create index on public.email_sends (team_id, sent_at desc);
create index on public.email_sends (tenant_id, sent_at desc);
create index on public.email_sends (user_id);
create index on public.email_sends (broadcast_id);
create index on public.email_sends (post_id);

create table public.email_outbox (
    id uuid primary key default gen_random_uuid(),
    dedupe_key text not null unique check (char_length(dedupe_key) between 1 and 256),
    kind text not null check (kind in (
        'broadcast', 'flow', 'sequence', 'resource', 'digest', 'review', 'transactional', 'test')),
    status text not null default 'queued'
        check (status in ('queued', 'sending', 'sent', 'failed', 'cancelled', 'uncertain')),
    not_before timestamptz not null default now(),
    recipient text not null check (recipient = lower(btrim(recipient)) and recipient ~ '^[^@\s]+@[^@\s]+$'),
    recipient_name text check (recipient_name !~ '[\r\n]'),
    from_email text check (from_email !~ '[\r\n]'),
    from_name text check (from_name !~ '[\r\n]'),
    reply_to_email text check (reply_to_email !~ '[\r\n]'),
    subject text not null check (subject !~ '[\r\n]'),
    html text not null,
    "text" text not null,
    headers jsonb not null default '{}'::jsonb check (jsonb_typeof(headers) = 'object'),
    attempts integer not null default 0 check (attempts >= 0),
    claimed_at timestamptz,
    sent_at timestamptz,
    provider text,
    provider_message_id text unique,
    error_message text,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    team_id uuid references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete restrict,
    subscriber_id uuid references public.email_subscribers (id) on delete set null,
    funnel_lead_id uuid references public.funnel_leads (id) on delete set null,
    lead_id uuid references public.leads (id) on delete set null,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    flow_id uuid references public.email_flows (id) on delete set null,
    flow_contact_id uuid references public.email_flow_contacts (id) on delete set null,
    step_number integer,
    broadcast_id uuid references public.email_broadcasts (id) on delete restrict,
    review_id uuid references public.email_review_queue (id) on delete set null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint email_outbox_sent_when check (status <> 'sent' or sent_at is not null),
    constraint email_outbox_marketing_of_team check (
        kind in ('resource', 'transactional', 'test') or team_id is not null)
);
comment on table public.email_outbox is 'Every message to one recipient: all sending goes through here';
comment on column public.email_outbox.dedupe_key is
    'One message once: flow:<contact>:<step>, bc:<broadcast>:<subscriber>, seq:<lead>:<index>, res:<lead>, '
    'review:<id>';
comment on column public.email_outbox.kind is
    'resource, transactional and test also reach people who unsubscribed; all others are marketing';
comment on column public.email_outbox.not_before is 'When the message is due; a retry moves it';
comment on column public.email_outbox.from_email is
    'Null, like from_name and reply_to_email: found when it is sent';
comment on column public.email_outbox.status is
    'uncertain: the provider was called and did not answer, so the message may have left';
comment on column public.email_outbox.claimed_at is 'When a worker took it to send';
comment on column public.email_outbox.provider_message_id is
    'The provider''s id, by which email_events.email_id finds the message';
comment on column public.email_outbox.error_message is 'The last failure, or why it was cancelled';
comment on column public.email_outbox.lead_id is
    'The lead of the tenant''s pipeline; the lead of a funnel is funnel_lead_id';
create index on public.email_outbox (not_before) where status = 'queued';
create index on public.email_outbox (claimed_at) where status = 'sending';
create index on public.email_outbox (tenant_id, created_at desc);
create index on public.email_outbox (team_id, created_at desc);
create index on public.email_outbox (user_id) where user_id is not null;
create index on public.email_outbox (subscriber_id) where subscriber_id is not null;
create index on public.email_outbox (funnel_lead_id) where funnel_lead_id is not null;
create index on public.email_outbox (lead_id) where lead_id is not null;
create index on public.email_outbox (lead_magnet_id) where lead_magnet_id is not null;
create index on public.email_outbox (flow_id, step_number) where flow_id is not null;
create index on public.email_outbox (flow_contact_id) where flow_contact_id is not null;
create index on public.email_outbox (broadcast_id, status) where broadcast_id is not null;
create index on public.email_outbox (review_id) where review_id is not null;
call platform.maintain_updated_at('email_outbox');
call access.state_machine('email_outbox', 'status', '{
    "queued": ["sending", "cancelled", "failed"],
    "sending": ["sent", "failed", "queued", "cancelled", "uncertain"],
    "uncertain": ["sent", "queued", "failed", "cancelled"],
    "failed": ["queued", "cancelled", "sent"],
    "cancelled": [],
    "sent": []
}');

create table public.email_events (
    id uuid primary key default gen_random_uuid(),
    email_id text,
    lead_id uuid references public.funnel_leads (id) on delete set null,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    user_id uuid references public.users (id) on delete restrict,
    event_type text not null check (event_type in (
        'sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed',
        'delivery_delayed', 'failed', 'suppressed')),
    recipient_email text not null check (recipient_email = lower(btrim(recipient_email))),
    subject text,
    link_url text,
    bounce_type text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete restrict,
    tenant_id uuid references public.tenants (id) on delete restrict,
    subscriber_id uuid references public.email_subscribers (id) on delete set null,
    outbox_id uuid references public.email_outbox (id) on delete set null,
    constraint email_events_of_a_message check (email_id is not null or event_type = 'unsubscribed')
);
comment on table public.email_events is
    'What became of a message: delivered, opened, clicked, bounced, complained';
comment on column public.email_events.email_id is
    'The provider''s message id; null when somebody unsubscribed outside a message';
comment on column public.email_events.lead_id is 'The funnel lead who was written to';
comment on column public.email_events.user_id is
    'Whose mail it was; null, like the team, while the message is unknown to us';
comment on column public.email_events.metadata is
    '{flow_id, step_number, contact_id, broadcast_id, svix_id, …}';
comment on column public.email_events.bounce_type is
    'The word of the mail service for why it bounced; null for other events';
create unique index email_events_svix_id on public.email_events ((metadata ->> 'svix_id'))
where metadata ->> 'svix_id' is not null;
create index on public.email_events (recipient_email, event_type, created_at);
create index on public.email_events (team_id, event_type, created_at);
create index on public.email_events (user_id, created_at desc);
create index on public.email_events (email_id);
create index on public.email_events (outbox_id, event_type);
create index on public.email_events (lead_id) where lead_id is not null;
create index on public.email_events (lead_magnet_id) where lead_magnet_id is not null;
create index on public.email_events (subscriber_id) where subscriber_id is not null;
create index on public.email_events (tenant_id) where tenant_id is not null;

-- Rules that hold for whoever writes. Adoption, which carries no role in its claims, brings old rows in as
-- they were.

create function platform.take_email_flow_scope() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if new.flow_id is not null then
        select f.tenant_id, f.team_id into new.tenant_id, new.team_id
        from public.email_flows as f where f.id = new.flow_id;
    end if;
    return new;
end
$$;
comment on function platform.take_email_flow_scope() is 'Row trigger: tenant and team are those of the flow';
create trigger take_flow_scope before insert or update of flow_id, tenant_id, team_id
on public.email_flow_contacts for each row execute function platform.take_email_flow_scope();
create trigger take_flow_scope before insert or update of flow_id, tenant_id, team_id
on public.email_review_queue for each row execute function platform.take_email_flow_scope();

create function platform.pause_email_flow_without_lead_magnet() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.status := 'paused';
    return new;
end
$$;
comment on function platform.pause_email_flow_without_lead_magnet() is
    'Row trigger: a flow whose lead magnet is deleted stops and stays';
create trigger pause_without_lead_magnet before update of trigger_lead_magnet_id on public.email_flows
for each row when (
    new.trigger_lead_magnet_id is null and new.status = 'active' and new.trigger_type = 'lead_magnet')
execute function platform.pause_email_flow_without_lead_magnet();

create function platform.refuse_foreign_lead_magnet() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if auth.role() is not null and not exists (
        select from public.lead_magnets as m
        where m.id = new.trigger_lead_magnet_id
            and (m.user_id = new.user_id or m.team_id = new.team_id)
    ) then
        raise exception 'The lead magnet belongs to somebody else.'
            using errcode = '42501', table = 'email_flows', column = 'trigger_lead_magnet_id';
    end if;
    return new;
end
$$;
comment on function platform.refuse_foreign_lead_magnet() is
    'Row trigger: a flow starts at a lead magnet of its own people only';
create trigger refuse_foreign_lead_magnet
before insert or update of trigger_lead_magnet_id, team_id on public.email_flows
for each row when (new.trigger_lead_magnet_id is not null)
execute function platform.refuse_foreign_lead_magnet();

create function platform.refuse_empty_email_flow() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if auth.role() is not null
        and not exists (select from public.email_flow_steps as s where s.flow_id = new.id)
    then
        raise exception 'A flow needs a step before it can be active.'
            using errcode = '23514', table = 'email_flows', column = 'status';
    end if;
    return new;
end
$$;
comment on function platform.refuse_empty_email_flow() is 'Row trigger: no active flow without a step';
create trigger refuse_empty_flow before insert or update of status on public.email_flows
for each row when (new.status = 'active') execute function platform.refuse_empty_email_flow();

create function platform.keep_active_email_flow() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if auth.role() is not null then
        raise exception 'Pause the flow before you delete it.'
            using errcode = 'LS409', table = 'email_flows', column = 'status';
    end if;
    return old;
end
$$;
comment on function platform.keep_active_email_flow() is 'Row trigger: an active flow is not deleted';
create trigger keep_active before delete on public.email_flows
for each row when (old.status = 'active') execute function platform.keep_active_email_flow();

create function platform.keep_steps_of_active_email_flow() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    flow uuid := case when tg_op = 'DELETE' then old.flow_id else new.flow_id end;
begin
    -- The lock makes an activation at the same moment wait, or us for it.
    perform from public.email_flows as f where f.id = flow for share;
    if auth.role() is not null
        and exists (select from public.email_flows as f where f.id = flow and f.status = 'active')
    then
        raise exception 'Pause the flow before you change its steps.'
            using errcode = 'LS409', table = 'email_flow_steps', column = 'flow_id';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function platform.keep_steps_of_active_email_flow() is
    'Row trigger: the steps of an active flow stay as they are';
create trigger keep_active before insert or update or delete on public.email_flow_steps
for each row execute function platform.keep_steps_of_active_email_flow();

create function platform.keep_sent_broadcast() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if auth.role() is not null then
        raise exception 'A broadcast can be changed and deleted as a draft only.'
            using errcode = 'LS409', table = 'email_broadcasts', column = 'status';
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function platform.keep_sent_broadcast() is
    'Row trigger: what went out is what the broadcast says';
create trigger keep_content before update on public.email_broadcasts
for each row when (
    old.status <> 'draft'
    and (old.subject, old.body, old.audience_filter, old.team_id)
        is distinct from (new.subject, new.body, new.audience_filter, new.team_id))
execute function platform.keep_sent_broadcast();
create trigger keep_sent before delete on public.email_broadcasts
for each row when (old.status <> 'draft') execute function platform.keep_sent_broadcast();

create function platform.keep_suppression() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    insert into public.suppressions (tenant_id, team_id, channel, identity_hash, reason)
    values (
        old.tenant_id, old.team_id, 'email', platform.identity_hash(old.email),
        case old.status when 'active' then 'erased' else old.status end)
    on conflict (tenant_id, channel, identity_hash, team_id) do update set reason = excluded.reason
    where public.suppressions.reason not in ('bounced', 'complained');
    return null;
end
$$;
comment on function platform.keep_suppression() is
    'Row trigger: a deleted subscriber leaves a hash on the suppression list';
create trigger keep_suppression after delete on public.email_subscribers
for each row execute function platform.keep_suppression();

create function platform.email_refusal(recipient text, kind text, team_id uuid, tenant_id uuid)
returns text
language sql stable
set search_path = ''
begin atomic
    with barred as (
        select s.status as reason from public.email_subscribers as s
        where s.tenant_id = email_refusal.tenant_id and s.email = recipient
            and (s.team_id = email_refusal.team_id or s.status = 'complained')
        union all
        select b.reason from public.suppressions as b
        where b.tenant_id = email_refusal.tenant_id and b.channel = 'email'
            and b.identity_hash = platform.identity_hash(recipient)
            and (b.team_id is null or b.team_id = email_refusal.team_id or b.reason = 'complained')
    )
    select case
        when 'complained' = any (found.reasons) then 'complained'
        when 'bounced' = any (found.reasons) then 'bounced'
        when email_refusal.kind in ('resource', 'transactional', 'test') then null
        when 'unsubscribed' = any (found.reasons) then 'unsubscribed'
        when 'erased' = any (found.reasons) then 'erased'
        when 'active' = any (found.reasons) then null
        else 'not subscribed'
    end
    from (select array(select barred.reason from barred) as reasons) as found;
end;
comment on function platform.email_refusal(text, text, uuid, uuid) is
    'Why a message of this kind may not go to this address, or null: a complaint bars it in the whole '
    'tenant, '
    'a bounce in the team; marketing needs an active subscriber, the rest reaches people who unsubscribed';
grant execute on function platform.email_refusal(text, text, uuid, uuid), platform.identity_hash(text)
to service_role, svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create function platform.withhold_refused_email() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    refusal text := platform.email_refusal(new.recipient, new.kind, new.team_id, new.tenant_id);
begin
    if refusal is not null then
        new.status := 'cancelled';
        new.error_message := 'suppressed: ' || refusal;
        new.claimed_at := null;
    end if;
    return new;
end
$$;
comment on function platform.withhold_refused_email() is
    'Row trigger: a message to somebody who must not get it is cancelled when it is queued and when it is '
    'claimed, so a worker sends only those of its claim that are still in status sending';
create trigger withhold_refused before insert on public.email_outbox
for each row when (new.status in ('queued', 'sending')) execute function platform.withhold_refused_email();
create trigger withhold_refused_claim before update of status on public.email_outbox
for each row when (old.status <> 'sending' and new.status = 'sending')
execute function platform.withhold_refused_email();

-- Every domain may queue a message on its own transaction, whatever rows of the outbox it may see.
create function platform.enqueue_email(message jsonb) returns uuid
language plpgsql security definer
set search_path = ''
as $$
declare
    given public.email_outbox := pg_catalog.jsonb_populate_record(null::public.email_outbox, message);
    queued uuid;
    unknown text;
begin
    select pg_catalog.string_agg(k.name, ', ' order by k.name) into unknown
    from pg_catalog.jsonb_object_keys(message) as k (name)
    where k.name not in (
        'dedupe_key', 'kind', 'not_before', 'recipient', 'recipient_name', 'from_email', 'from_name',
        'reply_to_email', 'subject', 'html', 'text', 'headers', 'tenant_id', 'team_id', 'user_id',
        'subscriber_id', 'funnel_lead_id', 'lead_id', 'lead_magnet_id', 'flow_id', 'flow_contact_id',
        'step_number', 'broadcast_id', 'review_id');
    if unknown is not null then
        raise exception 'A message has no such fields: %.', unknown using errcode = '22023';
    end if;
    insert into public.email_outbox (
        dedupe_key, kind, not_before, recipient, recipient_name, from_email, from_name, reply_to_email,
        subject, html, "text", headers, tenant_id, team_id, user_id, subscriber_id, funnel_lead_id, lead_id,
        lead_magnet_id, flow_id, flow_contact_id, step_number, broadcast_id, review_id
    ) values (
        given.dedupe_key, given.kind, coalesce(given.not_before, pg_catalog.now()),
        pg_catalog.lower(pg_catalog.btrim(given.recipient)), given.recipient_name,
        given.from_email, given.from_name, given.reply_to_email, given.subject, given.html, given."text",
        coalesce(given.headers, '{}'), coalesce(given.tenant_id, access.default_tenant_id()),
        given.team_id, given.user_id, given.subscriber_id, given.funnel_lead_id, given.lead_id,
        given.lead_magnet_id, given.flow_id, given.flow_contact_id, given.step_number, given.broadcast_id,
        given.review_id
    )
    on conflict (dedupe_key) do nothing
    returning id into queued;
    if queued is null then
        select o.id into queued from public.email_outbox as o where o.dedupe_key = given.dedupe_key;
    end if;
    return queued;
end
$$;
comment on function platform.enqueue_email(jsonb) is
    'Queues one message, given as columns of email_outbox, and returns its id; the same dedupe_key again '
    'returns the first one''s';
grant execute on function platform.enqueue_email(jsonb)
to service_role, svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

-- Access.

call access.tenant('email_settings', commands => '{select, insert, update}');
call access.secret('email_settings', '{resend_api_key}');
call access.guard('email_settings', '{tenant_id, sending_paused_at, sending_paused_reason}');
call access.written_by('email_settings', 'gtm_system', 'email');

-- Nobody deletes a subscriber by hand: consent and its end are never lost.
call access.team('email_subscribers', commands => '{select, insert, update}');
call access.guard('email_subscribers', '{tenant_id, status, subscribed_at, unsubscribed_at}');
call access.written_by('email_subscribers', 'gtm_system', 'email');

call access.tenant('suppressions', commands => '{select}');
call access.written_by('suppressions', 'gtm_system', 'email');

call access.team('email_sync_secrets', owners_only => true, commands => '{select}');
call access.secret('email_sync_secrets', '{secret_hash}');
call access.written_by('email_sync_secrets', 'gtm_system', 'email');

call access.owner('email_flows');
call access.guard('email_flows', '{tenant_id}');
call access.written_by('email_flows', 'gtm_system', 'email');

call access.through('email_flow_steps', 'flow_id', 'email_flows');
call access.written_by('email_flow_steps', 'gtm_system', 'email');

call access.through('email_flow_contacts', 'flow_id', 'email_flows');
call access.guard('email_flow_contacts',
    '{tenant_id, team_id, current_step, last_sent_at, next_run_at, trigger_task_id, error_message}');
call access.written_by('email_flow_contacts', 'gtm_system', 'email');

call access.owner('email_broadcasts');
call access.guard('email_broadcasts', '{tenant_id, status, recipient_count, sent_at}');
call access.written_by('email_broadcasts', 'gtm_system', 'email');

call access.team('email_review_queue', commands => '{select}');
call access.written_by('email_review_queue', 'gtm_system', 'email');

call access.owner('email_sends', commands => '{select}');
call access.written_by('email_sends', 'gtm_system', 'email');

-- What a message says may hold a link that signs somebody in.
call access.owner('email_outbox', commands => '{select}');
call access.secret('email_outbox', '{html, text, headers}');
call access.written_by('email_outbox', 'gtm_system', 'email');

call access.owner('email_events', commands => '{select}');
call access.written_by('email_events', 'gtm_system', 'email');
