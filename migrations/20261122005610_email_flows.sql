-- What a flow waits for, and what happened on the way.

alter table public.email_flows drop constraint email_flows_trigger_event_type_check;
alter table public.email_flows
    add constraint email_flows_trigger_event_type_check check (trigger_event_type in (
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook',
        'opted_in', 'qualified')),
    add column goal_event text check (goal_event in (
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook',
        'opted_in', 'qualified', 'opened', 'clicked')),
    add column exit_events text[] not null default '{}' check (exit_events <@ array[
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook',
        'opted_in', 'qualified']),
    add column send_time text check (send_time ~ '^([01]\d|2[0-3]):[0-5]\d$');
comment on column public.email_flows.goal_event is 'What the flow is for: whoever does it has arrived and gets no more of it';
comment on column public.email_flows.exit_events is 'Whoever does one of these leaves the flow';
comment on column public.email_flows.send_time is 'HH:MM of the reader, for mails after a day or more; null: of email_settings';

alter table public.email_flow_steps
    add column wait_for text check (wait_for in (
        'positive_reply', 'purchase', 'meeting_booked', 'meeting_attended', 'student_enrolled', 'webhook',
        'opted_in', 'qualified', 'opened', 'clicked')),
    add column wait_otherwise text not null default 'send' check (wait_otherwise in ('send', 'skip', 'exit')),
    add column only_if jsonb not null default '[]'::jsonb check (jsonb_typeof(only_if) = 'array'),
    add column preheader text check (char_length(preheader) <= 200 and preheader !~ '[\r\n]');
comment on column public.email_flow_steps.wait_for is 'The step is due when this happens, at the latest after delay_days';
comment on column public.email_flow_steps.wait_otherwise is 'What to do when it has not happened by then';
comment on column public.email_flow_steps.only_if is '[{fact, value, is_true}]: all must hold, else the step is skipped';
comment on column public.email_flow_steps.preheader is 'The line that inboxes show beside the subject';

alter table public.email_flow_contacts
    add column run_number integer not null default 1 check (run_number > 0),
    add column waiting_for text,
    add column ended_at timestamptz,
    add column outcome text check (outcome in ('finished', 'goal', 'left')),
    add column funnel_lead_id uuid references public.funnel_leads (id) on delete set null;
comment on column public.email_flow_contacts.run_number is 'Which time through the flow this is, from 1';
comment on column public.email_flow_contacts.waiting_for is 'What the next step waits for; next_run_at is then the latest moment';
comment on column public.email_flow_contacts.outcome is 'How it ended: all steps, the goal, or a rule that ends it';
comment on column public.email_flow_contacts.funnel_lead_id is 'The opt-in that began it, whose resource the mails may link to';
create index on public.email_flow_contacts (funnel_lead_id) where funnel_lead_id is not null;
create index on public.email_flow_contacts (flow_id, status, next_run_at);
create index on public.email_flow_contacts (tenant_id, email) where status in ('active', 'paused');

alter table public.email_subscribers
    add column timezone text check (char_length(timezone) between 1 and 64);
comment on column public.email_subscribers.timezone is 'IANA name such as Europe/Berlin; null: as email_settings';

create table public.email_flow_passages (
    contact_id uuid not null references public.email_flow_contacts (id) on delete cascade,
    step_id uuid not null references public.email_flow_steps (id) on delete cascade,
    run_number integer not null check (run_number > 0),
    flow_id uuid not null references public.email_flows (id) on delete cascade,
    outcome text not null check (outcome in ('sent', 'skipped', 'review', 'rejected')),
    message_id uuid references public.email_outbox (id) on delete set null,
    passed_at timestamptz not null default now(),
    primary key (contact_id, step_id, run_number)
);
comment on table public.email_flow_passages is 'What became of each step for each person: once in each run, which is why nothing is sent twice';
comment on column public.email_flow_passages.outcome is 'review: waits for a person; rejected: a person said no';
create index on public.email_flow_passages (flow_id, step_id, outcome);
create index on public.email_flow_passages (step_id);
create index on public.email_flow_passages (message_id) where message_id is not null;

create table public.email_flow_signals (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    email text not null check (email = lower(btrim(email)) and email <> ''),
    event_type text not null,
    source text not null check (char_length(source) <= 200),
    happened_at timestamptz not null default now(),
    unique (tenant_id, source)
);
comment on table public.email_flow_signals is 'What people did, as far as flows of their tenant wait for such things';
comment on column public.email_flow_signals.source is 'The row that says so, as table:id, so that it counts once';
create index on public.email_flow_signals (tenant_id, email, event_type, happened_at);

call access.through('email_flow_passages', 'flow_id', 'email_flows', commands => '{select}');
call access.written_by('email_flow_passages', 'gtm_system', 'email');
call access.tenant('email_flow_signals', commands => '{select}');
call access.written_by('email_flow_signals', 'gtm_system', 'email');
call access.guard('email_flow_contacts', '{run_number, waiting_for, ended_at, outcome, funnel_lead_id}');
call access.apply('email_flows');
call access.apply('email_flow_steps');
call access.apply('email_flow_contacts');
call access.apply('email_subscribers');

-- Whatever commits a row that flows may wait for tells them in the same transaction: the job is there
-- with the row or not at all, and the queue wakes a worker at the commit. Nothing polls.

create function platform.signal_flows(tenant uuid, person text, event text, told_by text) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    who constant text := pg_catalog.lower(pg_catalog.btrim(person));
    noted uuid;
begin
    if tenant is null or coalesce(who, '') = '' or not exists (
        select from public.email_flows as f where f.tenant_id = tenant and f.status in ('active', 'paused')
    ) then
        return;
    end if;
    insert into public.email_flow_signals (tenant_id, email, event_type, source)
    values (tenant, who, event, told_by)
    on conflict (tenant_id, source) do nothing
    returning id into noted;
    if noted is not null then
        perform platform.enqueue_job(
            'email:heed_signal',
            pg_catalog.convert_to(pg_catalog.json_build_object('signal_id', noted)::text, 'UTF8'));
    end if;
end
$$;
comment on function platform.signal_flows(uuid, text, text, text) is
    'Tells the flows of a tenant what somebody did; the same source again says nothing';
revoke execute on function platform.signal_flows(uuid, text, text, text) from public;
grant execute on function platform.signal_flows(uuid, text, text, text) to service_role, svc_gtm_system;

create function platform.signal_event() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    what text := case
        when new.event_type = 'status_changed' then new.metadata ->> 'to'
        when new.event_type = 'booking_created' then 'meeting_booked'
        else new.event_type
    end;
begin
    if what in ('positive_reply', 'meeting_booked', 'meeting_attended', 'qualified') then
        perform platform.signal_flows(l.tenant_id, l.email, what, 'events:' || new.id)
        from public.leads as l where l.id = new.lead_id;
    end if;
    return null;
end
$$;
comment on function platform.signal_event() is 'Row trigger: events of leads are signals for flows';
create trigger signal_flows after insert on public.events
for each row when (
    new.lead_id is not null
    and new.event_type in (
        'status_changed', 'booking_created', 'positive_reply', 'meeting_booked', 'meeting_attended', 'qualified'))
execute function platform.signal_event();

create function platform.signal_payment() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.signal_flows(
        new.tenant_id,
        coalesce(new.customer_email, (select l.email from public.leads as l where l.id = new.lead_id)),
        'purchase', 'revenue_events:' || new.id);
    return null;
end
$$;
comment on function platform.signal_payment() is 'Row trigger: a payment is a signal for flows';
create trigger signal_flows after insert on public.revenue_events
for each row when (new.event_type in ('payment', 'subscription_created') and new.amount_cents >= 0)
execute function platform.signal_payment();

create function platform.signal_reply() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.signal_flows(
        new.tenant_id,
        coalesce(new.email, (select l.email from public.leads as l where l.id = new.lead_id)),
        'positive_reply', 'reply_pipeline:' || new.id);
    return null;
end
$$;
comment on function platform.signal_reply() is 'Row trigger: a positive reply is a signal for flows';
create trigger signal_flows after insert on public.reply_pipeline
for each row execute function platform.signal_reply();

create function platform.signal_enrolment() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.signal_flows(
        s.tenant_id, s.email, 'student_enrolled',
        'student_cohorts:' || new.student_id || ':' || new.cohort_id)
    from public.bootcamp_students as s where s.id = new.student_id;
    return null;
end
$$;
comment on function platform.signal_enrolment() is 'Row trigger: an enrolment is a signal for flows';
create trigger signal_flows after insert on public.student_cohorts
for each row execute function platform.signal_enrolment();

create function platform.signal_answers() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.signal_flows(
        p.tenant_id, new.email, 'qualified', 'funnel_leads:' || new.id)
    from public.profiles as p where p.id = new.user_id;
    return null;
end
$$;
comment on function platform.signal_answers() is 'Row trigger: answers that qualify are a signal for flows';
create trigger signal_flows after update of is_qualified on public.funnel_leads
for each row when (new.is_qualified and old.is_qualified is distinct from true)
execute function platform.signal_answers();

create function platform.signal_reading() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.signal_flows(
        o.tenant_id, o.recipient, new.event_type, new.event_type || ':' || o.id)
    from public.email_outbox as o where o.id = new.outbox_id and o.flow_contact_id is not null;
    return null;
end
$$;
comment on function platform.signal_reading() is
    'Row trigger: opening or clicking a mail of a flow, for the first time, is a signal for flows';
create trigger signal_flows after insert on public.email_events
for each row when (new.outbox_id is not null and new.event_type in ('opened', 'clicked'))
execute function platform.signal_reading();

-- A mail that could not be sent for good stops the person's way, visibly; one that was sent after all
-- lets them go on.
create function platform.stop_unsent_flow_contact() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if new.status = 'failed' then
        update public.email_flow_contacts as c
        set status = 'failed', error_message = new.error_message
        where c.id = new.flow_contact_id and c.status in ('active', 'paused');
    else
        update public.email_flow_contacts as c
        set status = 'active', error_message = null,
            next_run_at = greatest(c.next_run_at, pg_catalog.now())
        where c.id = new.flow_contact_id and c.status = 'failed' and c.next_run_at is not null;
        if found then
            perform platform.enqueue_job(
                'email:run_flow',
                pg_catalog.convert_to(
                    pg_catalog.json_build_object('flow_id', new.flow_id)::text, 'UTF8'));
        end if;
    end if;
    return null;
end
$$;
comment on function platform.stop_unsent_flow_contact() is
    'Row trigger: somebody whose mail failed for good waits as failed until it is sent after all';
create trigger stop_unsent_flow_contact after update of status on public.email_outbox
for each row when (
    new.flow_contact_id is not null
    and (new.status = 'failed' and old.status <> 'failed' or new.status = 'sent' and old.status = 'failed'))
execute function platform.stop_unsent_flow_contact();

-- Whoever switches a flow or all mail on again lets those go on who are due.
create function platform.resume_flow() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.enqueue_job(
        'email:run_flow',
        pg_catalog.convert_to(pg_catalog.json_build_object('flow_id', new.id)::text, 'UTF8'));
    return null;
end
$$;
comment on function platform.resume_flow() is 'Row trigger: a flow that is switched on runs for those who are due';
create trigger resume_flow after update of status on public.email_flows
for each row when (new.status = 'active' and old.status <> 'active') execute function platform.resume_flow();

create function platform.resume_flows() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.enqueue_job(
        'email:run_flow',
        pg_catalog.convert_to(pg_catalog.json_build_object('flow_id', f.id)::text, 'UTF8'))
    from public.email_flows as f where f.tenant_id = new.tenant_id and f.status = 'active';
    return null;
end
$$;
comment on function platform.resume_flows() is 'Row trigger: mail that is switched on again lets the flows run';
create trigger resume_flows after update of is_active, sending_paused_at on public.email_settings
for each row when (
    new.is_active and new.sending_paused_at is null
    and (old.is_active is not true or old.sending_paused_at is not null))
execute function platform.resume_flows();

-- Somebody who has yet to confirm the address waits at the door of the flow.
create function platform.let_confirmed_in() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    woken bigint;
begin
    with let_in as (
        update public.email_flow_contacts as c
        set waiting_for = null, next_run_at = pg_catalog.now()
        where c.subscriber_id = new.id and c.status = 'active' and c.waiting_for = 'confirmed'
        returning c.flow_id
    )
    select pg_catalog.count(platform.enqueue_job(
        'email:run_flow',
        pg_catalog.convert_to(pg_catalog.json_build_object('flow_id', l.flow_id)::text, 'UTF8')))
    into woken from let_in as l;
    return null;
end
$$;
comment on function platform.let_confirmed_in() is 'Row trigger: whoever confirms the address enters the flows that wait for it';
create trigger let_confirmed_in after update of status on public.email_subscribers
for each row when (old.status = 'pending' and new.status = 'active') execute function platform.let_confirmed_in();
