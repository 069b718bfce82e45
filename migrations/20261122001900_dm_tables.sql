-- The tables of dm: LinkedIn conversations and their stages, ICP rules, the connection ranker, and the
-- phone channels.

create function platform.dm_stage_rank(stage text) returns integer
language sql immutable parallel safe
set search_path = ''
as $$
    select pg_catalog.array_position(
        array['new', 'opening', 'qualifying', 'meeting_proposed', 'meeting_booked', 'client'], stage)
$$;
comment on function platform.dm_stage_rank(text) is
    'The place of a stage in the pipeline, from 1; null: no stage';

create table public.dm_contacts (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    linkedin_uid text not null,
    linkedin_url text,
    linkedin_handle text,
    first_name text,
    last_name text,
    headline text,
    location text,
    picture_url text,
    connected_at timestamptz,
    connected_by text,
    parsed_title text,
    parsed_country text,
    company_name text,
    company_size text,
    icp_status text default 'unknown' check (icp_status in ('unknown', 'match', 'partial', 'no_match')),
    priority_score integer default 0 check (priority_score between 0 and 100),
    flag text check (flag in ('vip', 'review', 'do_not_contact')),
    flag_reason text,
    enrichment_status text default 'none'
        check (enrichment_status in ('none', 'pending', 'enriched', 'failed')),
    enrichment_data jsonb default '{}'::jsonb,
    enriched_at timestamptz,
    conversation_status text,
    last_message_at timestamptz,
    last_message_content text,
    kondo_labels jsonb default '[]'::jsonb,
    kondo_note text,
    last_webhook_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    phone text,
    email text check (email = lower(btrim(email))),
    lead_id uuid references public.leads (id) on delete set null,
    funnel_status text check (funnel_status in ('active', 'stale', 'lost', 'won', 'archived')),
    intent_category text check (intent_category in (
        'positive', 'question', 'later', 'negative', 'unsubscribe', 'wrong_person', 'out_of_office',
        'other')),
    pipeline_stage text not null default 'new' check (platform.dm_stage_rank(pipeline_stage) is not null),
    pipeline_high_water_mark text not null default 'new'
        check (platform.dm_stage_rank(pipeline_high_water_mark) >= platform.dm_stage_rank(pipeline_stage)),
    ai_suggested_response text,
    ai_stage text check (ai_stage in (
        'unknown', 'situation', 'pain', 'impact', 'vision', 'capability', 'commitment')),
    ai_signals text[],
    ai_style_notes text,
    ai_strategy text,
    ai_analyzed_at timestamptz,
    heyreach_blocked_at timestamptz,
    attio_person_id text,
    attio_synced_at timestamptz,
    icp_score integer check (icp_score between 0 and 100),
    stage_entered_at timestamptz,
    last_inbound_at timestamptz,
    last_outbound_at timestamptz,
    snoozed_until timestamptz,
    handled_at timestamptz,
    ai_negative_signals text[],
    ai_suggested_stage text check (ai_suggested_stage in (
        'new', 'opening', 'qualifying', 'meeting_proposed', 'meeting_booked', 'client')),
    heyreach_account_id text,
    heyreach_conversation_id text,
    unique (tenant_id, linkedin_uid)
);
comment on table public.dm_contacts is
    'A person on LinkedIn whom a tenant talks to: where the talk stands, and what comes next';
comment on column public.dm_contacts.connected_by is 'Which of our LinkedIn accounts knows the person';
comment on column public.dm_contacts.parsed_country is 'ISO 3166 alpha-2';
comment on column public.dm_contacts.priority_score is '0 to 100, computed';
comment on column public.dm_contacts.enrichment_data is
    'What the provider knows, {aliases[]} of merged profiles, {crm}';
comment on column public.dm_contacts.conversation_status is
    'As the inbox tool says: waiting_for_your_reply, waiting_for_their_reply, archived, in_inbox or a newer '
    'word';
comment on column public.dm_contacts.kondo_labels is '[{kondo_label_id, kondo_label_name, kondo_labeled_at}]';
comment on column public.dm_contacts.last_webhook_at is
    'Older payloads of the inbox tool change nothing but the history';
comment on column public.dm_contacts.pipeline_stage is
    'Changed by move_dm_contact; each change is recorded, whoever makes it';
comment on column public.dm_contacts.pipeline_high_water_mark is 'The highest stage ever; it only rises';
comment on column public.dm_contacts.ai_stage is
    'Where the model sees the talk on its ladder; never moves pipeline_stage';
comment on column public.dm_contacts.heyreach_blocked_at is
    'The sender refuses this person: never use it for them again';
comment on column public.dm_contacts.icp_score is '0 to 100, where a full profile is known';
comment on column public.dm_contacts.stage_entered_at is 'When pipeline_stage was entered';
comment on column public.dm_contacts.handled_at is
    'Marked as done in today''s list; an inbound message brings the person back';
comment on column public.dm_contacts.ai_suggested_stage is
    'A move that the model proposes and a person decides';
create index on public.dm_contacts (tenant_id, priority_score desc, id)
where funnel_status is null or funnel_status = 'active';
create index on public.dm_contacts (tenant_id, pipeline_stage, priority_score desc, id);
create index on public.dm_contacts (tenant_id, conversation_status, last_message_at);
create index on public.dm_contacts (tenant_id, lower(linkedin_url));
create index on public.dm_contacts (tenant_id, lower(linkedin_handle));
create index on public.dm_contacts (tenant_id, email) where email is not null;
create index on public.dm_contacts (lead_id);
create index on public.dm_contacts (attio_person_id) where attio_person_id is not null;
call platform.maintain_updated_at('dm_contacts');
call access.references_seen('dm_contacts', 'lead_id', 'leads');

create table public.dm_messages (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    content text not null,
    direction text not null check (direction in ('inbound', 'outbound')),
    sent_at timestamptz not null,
    sentiment text check (sentiment in ('positive', 'neutral', 'negative')),
    intent_signals jsonb,
    created_at timestamptz default now(),
    delivery_status text check (delivery_status in ('pending', 'sent', 'failed')),
    external_id text,
    sent_by uuid references public.users (id) on delete set null
);
comment on table public.dm_messages is 'One message of a LinkedIn conversation';
comment on column public.dm_messages.delivery_status is 'Of messages sent from here; null: seen in the inbox';
comment on column public.dm_messages.external_id is 'The id at the service that sent it';
create unique index dm_messages_once on public.dm_messages (contact_id, direction, sent_at, md5(content));
create index on public.dm_messages (contact_id, sent_at desc);
create index on public.dm_messages (tenant_id, sent_at desc);
create index on public.dm_messages (sent_by) where sent_by is not null;
create index on public.dm_messages (external_id) where external_id is not null;
call access.state_machine('dm_messages', 'delivery_status', '{
    "pending": ["sent", "failed"],
    "failed": ["pending"]
}');

create table public.dm_stage_transitions (
    id uuid primary key default gen_random_uuid(),
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    from_stage text not null check (platform.dm_stage_rank(from_stage) is not null),
    to_stage text not null check (platform.dm_stage_rank(to_stage) is not null),
    connected_by text,
    transitioned_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    source text not null default 'kondo' check (source in ('kondo', 'manual', 'ai', 'booking', 'system')),
    moved_by uuid references public.users (id) on delete set null
);
comment on table public.dm_stage_transitions is 'Every change of a contact''s stage: what the funnel counts';
comment on column public.dm_stage_transitions.transitioned_at is
    'When it happened, such as the time of the label';
comment on column public.dm_stage_transitions.source is 'system: a job, such as a new map of labels';
create index on public.dm_stage_transitions (contact_id, transitioned_at);
create index on public.dm_stage_transitions (to_stage, transitioned_at);
create index on public.dm_stage_transitions (moved_by) where moved_by is not null;

create function platform.keep_dm_stage() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if tg_op = 'UPDATE'
        and platform.dm_stage_rank(old.pipeline_high_water_mark)
            > platform.dm_stage_rank(new.pipeline_high_water_mark)
    then
        new.pipeline_high_water_mark := old.pipeline_high_water_mark;
    end if;
    if platform.dm_stage_rank(new.pipeline_stage) > platform.dm_stage_rank(new.pipeline_high_water_mark) then
        new.pipeline_high_water_mark := new.pipeline_stage;
    end if;
    if tg_op = 'INSERT' then
        new.stage_entered_at := coalesce(new.stage_entered_at, new.connected_at, pg_catalog.now());
    elsif old.pipeline_stage <> new.pipeline_stage then
        new.stage_entered_at := coalesce(
            nullif(pg_catalog.current_setting('lodestone.dm_moved_at', true), '')::timestamptz,
            pg_catalog.now());
    end if;
    return new;
end
$$;
comment on function platform.keep_dm_stage() is
    'Row trigger: the high-water mark follows the stage upwards, the time of entry follows every change';
create trigger keep_stage before insert or update of pipeline_stage, pipeline_high_water_mark
on public.dm_contacts for each row execute function platform.keep_dm_stage();

create function platform.record_dm_stage() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    by_hand constant boolean := auth.role() = 'authenticated';
    named text := nullif(pg_catalog.current_setting('lodestone.dm_stage_source', true), '');
begin
    if tg_op = 'INSERT' and auth.role() is null then
        return null; -- Adoption brings the transitions themselves.
    end if;
    insert into public.dm_stage_transitions (
        contact_id, from_stage, to_stage, connected_by, transitioned_at, source, moved_by
    ) values (
        new.id,
        case when tg_op = 'UPDATE' then old.pipeline_stage else 'new' end,
        new.pipeline_stage, new.connected_by, new.stage_entered_at,
        case when by_hand then 'manual' else coalesce(named, 'system') end,
        case when by_hand then (select u.id from public.users as u where u.id = auth.uid()) end
    );
    return null;
end
$$;
comment on function platform.record_dm_stage() is 'Row trigger: no stage changes without a transition';
create trigger record_stage after update of pipeline_stage on public.dm_contacts
for each row when (old.pipeline_stage <> new.pipeline_stage) execute function platform.record_dm_stage();
create trigger record_first_stage after insert on public.dm_contacts
for each row when (new.pipeline_stage <> 'new') execute function platform.record_dm_stage();

create function public.move_dm_contact(
    contact_id uuid, to_stage text, source text default 'system', moved_at timestamptz default now()
) returns boolean
language plpgsql
set search_path = ''
as $$
declare
    held text;
begin
    select c.pipeline_stage into held
    from public.dm_contacts as c where c.id = move_dm_contact.contact_id
    for update;
    if not found then
        return null;
    end if;
    if held = to_stage then
        return false;
    end if;
    perform pg_catalog.set_config('lodestone.dm_stage_source', source, true);
    perform pg_catalog.set_config('lodestone.dm_moved_at', moved_at::text, true);
    update public.dm_contacts as c set pipeline_stage = to_stage where c.id = move_dm_contact.contact_id;
    perform pg_catalog.set_config('lodestone.dm_stage_source', '', true);
    perform pg_catalog.set_config('lodestone.dm_moved_at', '', true);
    return true;
end
$$;
comment on function public.move_dm_contact(uuid, text, text, timestamptz) is
    'Moves a contact to a stage, forwards or back, at the time and for the reason given; false: it was there '
    'already, null: there is no such contact';
grant execute on function public.move_dm_contact(uuid, text, text, timestamptz), platform.dm_stage_rank(text)
to authenticated, service_role, svc_gtm_system;

create table public.dm_pipeline_config (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null unique default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    label_stage_map jsonb not null default '{
        "Clients": "client", "1 - Opening": "opening", "2 - Qualifying": "qualifying",
        "4 - Meeting Booked": "meeting_booked", "3 - Meeting Proposed": "meeting_proposed"
    }'::jsonb,
    followup_rules jsonb not null default '{
        "opening": {"max_fu_days": 14, "first_bump_hours": 48},
        "qualifying": {"max_fu_days": 10, "first_bump_hours": 24},
        "meeting_proposed": {"max_fu_days": 7, "first_bump_hours": 24}
    }'::jsonb,
    daily_capacity_target integer not null default 20 check (daily_capacity_target between 1 and 500),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint dm_pipeline_config_known_stages check (
        jsonb_typeof(label_stage_map) = 'object'
        and not jsonb_path_exists(label_stage_map, '$.* ? (
            !(@ == "new" || @ == "opening" || @ == "qualifying" || @ == "meeting_proposed"
            || @ == "meeting_booked" || @ == "client"))')),
    constraint dm_pipeline_config_positive_times check (
        jsonb_typeof(followup_rules) = 'object' and not jsonb_path_exists(followup_rules, '$.*.* ? (@ < 0)'))
);
comment on table public.dm_pipeline_config is
    'How a tenant runs its DM pipeline: labels, follow-ups, capacity';
comment on column public.dm_pipeline_config.label_stage_map is '{name of the label: stage}';
comment on column public.dm_pipeline_config.followup_rules is '{stage: {first_bump_hours, max_fu_days}}';
comment on column public.dm_pipeline_config.daily_capacity_target is 'Contacts per sender and day';
call platform.maintain_updated_at('dm_pipeline_config');

create table public.icp_rules (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null unique default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    allowed_titles jsonb default '[]'::jsonb check (jsonb_typeof(allowed_titles) = 'array'),
    allowed_countries jsonb default '[]'::jsonb check (jsonb_typeof(allowed_countries) = 'array'),
    company_size_min integer check (company_size_min >= 0),
    company_size_max integer,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    excluded_titles jsonb default '[]'::jsonb check (jsonb_typeof(excluded_titles) = 'array'),
    check (company_size_min <= company_size_max)
);
comment on table public.icp_rules is 'Who fits a tenant''s offer; an empty list or null restricts nothing';
call platform.maintain_updated_at('icp_rules');

create table public.connection_ranking_runs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null,
    name text,
    status text not null default 'pending' check (status in (
        'pending', 'phase1_running', 'phase1_complete', 'phase2_running', 'paused', 'phase2_complete',
        'completed', 'failed')),
    total_connections integer not null default 0 check (total_connections >= 0),
    phase1_processed integer not null default 0,
    phase2_total integer not null default 0,
    phase2_processed integer not null default 0,
    tier_definite_keep integer not null default 0,
    tier_strong_keep integer not null default 0,
    tier_borderline integer not null default 0,
    tier_likely_remove integer not null default 0,
    tier_definite_remove integer not null default 0,
    tier_protected integer not null default 0,
    criteria jsonb,
    protected_keywords jsonb,
    gemini_calls integer not null default 0,
    estimated_cost_cents integer not null default 0,
    created_at timestamptz not null default now(),
    phase1_completed_at timestamptz,
    phase2_completed_at timestamptz,
    completed_at timestamptz,
    mode text not null default 'aggressive' check (mode in ('standard', 'aggressive')),
    error_message text
);
comment on table public.connection_ranking_runs is 'One ranking of somebody''s own LinkedIn connections';
comment on column public.connection_ranking_runs.user_id is
    'Whose it is: the id of an account, or of a bootcamp student; as text because the two share the column';
comment on column public.connection_ranking_runs.criteria is
    '{titles[], industries[], excluded_titles[], excluded_companies[], connected_after, free_text}';
comment on column public.connection_ranking_runs.mode is
    'standard: a yes or no by AI; aggressive: scores in two phases';
create index on public.connection_ranking_runs (user_id, created_at desc);
call access.state_machine('connection_ranking_runs', 'status', '{
    "pending": ["phase1_running", "failed"],
    "phase1_running": ["phase1_complete", "failed"],
    "phase1_complete": ["phase2_running", "completed", "failed"],
    "phase2_running": ["paused", "phase2_complete", "failed"],
    "paused": ["phase2_running", "phase2_complete", "completed"],
    "phase2_complete": ["completed", "failed"],
    "failed": ["pending", "phase1_running", "phase2_running"],
    "completed": []
}');

create table public.connection_ranking_results (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references public.connection_ranking_runs (id) on delete cascade,
    first_name text,
    last_name text,
    linkedin_url text,
    email_address text,
    company text,
    "position" text,
    connected_on text,
    deterministic_score integer not null default 0,
    title_score integer not null default 0,
    company_score integer not null default 0,
    recency_score integer not null default 0,
    is_protected boolean not null default false,
    protected_reason text,
    needs_enrichment boolean not null default false,
    enrichment_status text not null default 'pending'
        check (enrichment_status in ('pending', 'skipped', 'processing', 'completed', 'failed')),
    grounding_data jsonb,
    ai_score integer not null default 0,
    ai_reasoning text,
    ai_geography text,
    ai_industry text,
    ai_company_size text,
    total_score integer not null default 0 check (total_score between 0 and 100),
    tier text check (tier in (
        'definite_keep', 'strong_keep', 'borderline', 'likely_remove', 'definite_remove', 'protected')),
    rank_position integer,
    user_override text check (user_override in ('keep', 'remove')),
    created_at timestamptz not null default now(),
    lease_expires_at timestamptz,
    qualification text check (qualification in ('qualified', 'not_qualified')),
    confidence text check (confidence in ('high', 'medium', 'low'))
);
comment on table public.connection_ranking_results is 'One connection of a ranking run, with its scores';
comment on column public.connection_ranking_results.connected_on is
    'As LinkedIn''s export writes it: 12 Nov 2025';
comment on column public.connection_ranking_results.grounding_data is 'The sources of the AI''s judgement';
comment on column public.connection_ranking_results.user_override is
    'The person''s own choice, which wins over tier';
comment on column public.connection_ranking_results.lease_expires_at is
    'After this a row in processing may be claimed again';
create index on public.connection_ranking_results (run_id, rank_position);
create index on public.connection_ranking_results (run_id, tier, total_score desc);
create index on public.connection_ranking_results (run_id, lease_expires_at)
where enrichment_status in ('pending', 'processing') and needs_enrichment;
call access.state_machine('connection_ranking_results', 'enrichment_status', '{
    "pending": ["processing", "skipped", "failed"],
    "processing": ["completed", "failed", "pending"],
    "failed": ["pending", "processing", "skipped"],
    "skipped": ["pending"],
    "completed": []
}');

create table public.channel_flows (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    name text not null,
    trigger_type text not null,
    trigger_config jsonb default '{}'::jsonb,
    flow_definition text not null default '[]',
    reply_mode text not null default 'ai'
        check (reply_mode in ('ai', 'template', 'manual', 'ai_escalate', 'hybrid')),
    ai_instructions text,
    status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'archived')),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.channel_flows is 'A scripted exchange by text message or telephone';
comment on column public.channel_flows.flow_definition is 'A JSON list of steps, kept as text';
comment on column public.channel_flows.trigger_type is
    'What starts the exchange: manual, or the name of an event';
create index on public.channel_flows (tenant_id);
call platform.maintain_updated_at('channel_flows');
call access.state_machine('channel_flows', 'status', '{
    "draft": ["active", "archived"],
    "active": ["paused", "archived"],
    "paused": ["active", "draft", "archived"],
    "archived": ["draft"]
}');

create table public.channel_messages (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    channel text not null check (channel in ('sms', 'mms', 'call')),
    direction text not null check (direction in ('inbound', 'outbound')),
    from_number text not null,
    to_number text not null,
    content text,
    call_duration integer check (call_duration >= 0),
    call_recording_url text,
    call_outcome text,
    flow_id uuid references public.channel_flows (id) on delete set null,
    external_message_id text,
    sent_at timestamptz not null default now(),
    created_at timestamptz not null default now()
);
comment on table public.channel_messages is 'A text message or telephone call with a contact';
comment on column public.channel_messages.call_duration is 'Seconds';
create unique index channel_messages_external_message_id_key on public.channel_messages (external_message_id);
create index on public.channel_messages (tenant_id, sent_at desc);
create index on public.channel_messages (contact_id, sent_at desc);
create index on public.channel_messages (flow_id);

create table public.contact_flow_state (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    contact_id uuid not null references public.dm_contacts (id) on delete restrict,
    flow_id uuid not null references public.channel_flows (id) on delete cascade,
    current_step integer not null default 0 check (current_step >= 0),
    status text not null default 'active' check (status in ('active', 'paused', 'completed', 'failed')),
    next_action_at timestamptz,
    variables jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (contact_id, flow_id)
);
comment on table public.contact_flow_state is 'Where a contact stands in a scripted exchange';
create index on public.contact_flow_state (flow_id);
create index on public.contact_flow_state (tenant_id);
create index on public.contact_flow_state (next_action_at) where status = 'active';
call platform.maintain_updated_at('contact_flow_state');
call access.state_machine('contact_flow_state', 'status', '{
    "active": ["paused", "completed", "failed"],
    "paused": ["active", "completed", "failed"],
    "failed": ["active"],
    "completed": ["active"]
}');

create table public.phone_numbers (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    phone_number text not null unique,
    area_code text,
    region text,
    twilio_sid text,
    capabilities jsonb default '{"mms": false, "sms": true, "voice": true}'::jsonb,
    status text not null default 'active' check (status in ('pending', 'active', 'released')),
    created_at timestamptz not null default now()
);
comment on table public.phone_numbers is 'A telephone number that a tenant texts and calls from';
comment on column public.phone_numbers.capabilities is '{mms, sms, voice}: what the number can do';
create index on public.phone_numbers (tenant_id);
call access.state_machine('phone_numbers', 'status', '{
    "pending": ["active", "released"],
    "active": ["released"],
    "released": []
}');

alter table public.call_queue
    add foreign key (contact_id) references public.dm_contacts (id) on delete restrict;

-- Access.

-- People work on a contact; what the inbox, the model and the score say comes from services. Erasure goes
-- through the service, which leaves a hash on the suppression list.
call access.tenant('dm_contacts', commands => '{select, insert, update}');
call access.guard('dm_contacts', '{
    tenant_id, icp_status, icp_score, priority_score, enrichment_status, enrichment_data, enriched_at,
    conversation_status, last_message_at, last_message_content, last_inbound_at, last_outbound_at,
    kondo_labels, last_webhook_at, pipeline_high_water_mark, stage_entered_at, ai_suggested_response,
    ai_stage, ai_signals, ai_negative_signals, ai_style_notes, ai_strategy, ai_suggested_stage,
    ai_analyzed_at, heyreach_blocked_at, attio_person_id, attio_synced_at
}');
call access.written_by('dm_contacts', 'gtm_system', 'dm');

call access.tenant('dm_messages', commands => '{select}');
call access.written_by('dm_messages', 'gtm_system', 'dm');

call access.through('dm_stage_transitions', 'contact_id', 'dm_contacts', commands => '{select}');
call access.written_by('dm_stage_transitions', 'gtm_system', 'dm');

call access.tenant('dm_pipeline_config', commands => '{select, insert, update}');
call access.guard('dm_pipeline_config', '{tenant_id}');
call access.written_by('dm_pipeline_config', 'gtm_system', 'dm');

call access.tenant('icp_rules', commands => '{select, insert, update}');
call access.guard('icp_rules', '{tenant_id}');
call access.written_by('icp_rules', 'gtm_system', 'dm');

call access.set_scope(
    'connection_ranking_runs', 'owner', 'user_id',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)',
    '{row}.user_id in ((select auth.uid())::text, (select access.student_id())::text)',
    0, '{select, insert, update, delete}');
call access.guard('connection_ranking_runs', '{
    status, total_connections, phase1_processed, phase2_total, phase2_processed, tier_definite_keep,
    tier_strong_keep, tier_borderline, tier_likely_remove, tier_definite_remove, tier_protected,
    gemini_calls, estimated_cost_cents, created_at, phase1_completed_at, phase2_completed_at, completed_at,
    error_message
}');
call access.written_by('connection_ranking_runs', 'gtm_system', 'dm');

call access.through(
    'connection_ranking_results', 'run_id', 'connection_ranking_runs', commands => '{select, update}');
call access.guard('connection_ranking_results', '{
    id, run_id, first_name, last_name, linkedin_url, email_address, company, position, connected_on,
    deterministic_score, title_score, company_score, recency_score, is_protected, protected_reason,
    needs_enrichment, enrichment_status, grounding_data, ai_score, ai_reasoning, ai_geography, ai_industry,
    ai_company_size, total_score, tier, rank_position, created_at, lease_expires_at, qualification,
    confidence
}');
call access.written_by('connection_ranking_results', 'gtm_system', 'dm');

call access.tenant('channel_flows');
call access.guard('channel_flows', '{tenant_id}');
call access.written_by('channel_flows', 'gtm_system', 'dm');

call access.tenant('channel_messages', commands => '{select}');
call access.written_by('channel_messages', 'gtm_system', 'dm');

call access.tenant('contact_flow_state', commands => '{select}');
call access.written_by('contact_flow_state', 'gtm_system', 'dm');

call access.tenant('phone_numbers', commands => '{select}');
call access.written_by('phone_numbers', 'gtm_system', 'dm');
