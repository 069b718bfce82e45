-- How fast, how much and through whom mail leaves.

alter table public.email_settings
add column resend_key_suffix text,
add column resend_webhook_secret text,
add column tracks_opens boolean not null default true,
add column tracks_clicks boolean not null default true,
add column frequency_cap integer check (frequency_cap between 1 and 100),
add column frequency_days integer not null default 7 check (frequency_days between 1 and 90),
add column warmup_started_on date,
add column daily_cap integer check (daily_cap between 1 and 10000000);
comment on column public.email_settings.resend_key_suffix is 'The last four characters, for display';
comment on column public.email_settings.resend_webhook_secret is
    'Encrypted: what signs the reports of the tenant''s own account';
comment on column public.email_settings.frequency_cap is
    'Most marketing mails to one person in frequency_days, whatever they come from; null: no limit';
comment on column public.email_settings.warmup_started_on is
    'From this day on the daily number grows slowly; null: no warm-up';
comment on column public.email_settings.daily_cap is 'Most marketing mails of one day; null: no limit';

create table public.email_sender_days (
    tenant_id uuid not null references public.tenants (id) on delete cascade,
    domain text not null check (domain = lower(domain)),
    day date not null,
    taken integer not null default 0 check (taken >= 0),
    primary key (tenant_id, domain, day)
);
comment on table public.email_sender_days is
    'How many marketing mails of a day left, or were about to, from one domain of a tenant';

create table platform.send_rates (
    key text primary key,
    tokens double precision not null,
    refilled_at timestamptz not null,
    blocked_until timestamptz
);
comment on table platform.send_rates is
    'What each account of a mail provider may still be asked now, for all workers together';
comment on column platform.send_rates.blocked_until is 'Until when the provider asked us to wait';
alter table platform.send_rates enable row level security;

create function platform.take_sends(
    rate_key text, wanted integer, per_second double precision, most double precision,
    out granted integer, out wait_seconds double precision)
language plpgsql security definer
set search_path = ''
as $$
declare
    moment timestamptz := pg_catalog.clock_timestamp();
    held platform.send_rates;
    room double precision;
begin
    insert into platform.send_rates (key, tokens, refilled_at) values (rate_key, most, moment)
    on conflict (key) do nothing;
    select r.* into held from platform.send_rates as r where r.key = rate_key for update;
    moment := pg_catalog.clock_timestamp();
    if held.blocked_until > moment then
        granted := 0;
        wait_seconds := extract(epoch from held.blocked_until - moment);
        return;
    end if;
    room := least(
        most, held.tokens + per_second * greatest(extract(epoch from moment - held.refilled_at), 0));
    granted := least(wanted, pg_catalog.floor(room)::integer);
    wait_seconds := case when granted > 0 then 0 else (1 - room) / per_second end;
    update platform.send_rates as r
    set tokens = room - granted, refilled_at = moment, blocked_until = null
    where r.key = rate_key;
end
$$;
comment on function platform.take_sends(text, integer, double precision, double precision) is
    'Takes up to so many calls of an account that refills by per_second and never holds more than most; '
    'with none left, says how long to wait';

create function platform.block_sends(rate_key text, seconds double precision) returns void
language sql security definer
set search_path = ''
begin atomic
    insert into platform.send_rates (key, tokens, refilled_at, blocked_until)
    values (
        rate_key, 0, pg_catalog.clock_timestamp(),
        pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => seconds))
    on conflict (key) do update set
        tokens = 0, blocked_until = greatest(send_rates.blocked_until, excluded.blocked_until);
end;
comment on function platform.block_sends(text, double precision) is
    'Makes every worker wait with an account, as its provider asked';
grant execute on function
    platform.take_sends(text, integer, double precision, double precision),
    platform.block_sends(text, double precision)
to service_role, svc_gtm_system;

create or replace function platform.withhold_refused_email() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    refusal text := platform.email_refusal(new.recipient, new.kind, new.team_id, new.tenant_id);
    most integer;
    days integer;
    room_at timestamptz;
begin
    if refusal is not null then
        new.status := 'cancelled';
        new.error_message := 'suppressed: ' || refusal;
        new.claimed_at := null;
        return new;
    end if;
    if tg_op = 'INSERT' or new.kind in ('resource', 'transactional', 'test') or new.subscriber_id is null then
        return new;
    end if;
    select s.frequency_cap, s.frequency_days into most, days
    from public.email_settings as s where s.tenant_id = new.tenant_id and s.frequency_cap is not null;
    if not found then
        return new;
    end if;
    -- The moment at which the last mail but so many leaves the stretch of days.
    select o.sent_at + pg_catalog.make_interval(days => days) into room_at
    from public.email_outbox as o
    where o.subscriber_id = new.subscriber_id and o.team_id = new.team_id and o.status = 'sent'
        and o.kind not in ('resource', 'transactional', 'test')
        and o.sent_at > pg_catalog.now() - pg_catalog.make_interval(days => days)
    order by o.sent_at desc
    offset most - 1 limit 1;
    if room_at is null then
        return new;
    end if;
    new.claimed_at := null;
    new.claim_id := null;
    new.error_message := 'frequency cap';
    if new.kind in ('broadcast', 'digest') then
        new.status := 'cancelled';
    else
        new.status := 'queued';
        new.attempts := old.attempts;
        new.not_before := room_at;
    end if;
    return new;
end
$$;
comment on function platform.withhold_refused_email() is
    'Row trigger: a message to somebody who must not get it is cancelled when it is queued and when it is '
    'claimed; one too many for a person is cancelled when it is news, and waits when it is part of a series. '
    'So a worker sends only those of its claim that are in status sending';

call access.secret('email_settings', '{resend_webhook_secret}');
call access.guard('email_settings', '{resend_key_suffix}');
call access.apply('email_settings');
call access.tenant('email_sender_days', commands => '{select}');
call access.written_by('email_sender_days', 'gtm_system', 'email');
