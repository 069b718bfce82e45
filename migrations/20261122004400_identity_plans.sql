-- What each plan holds, counted where rows are made: whoever makes them, by whatever path, the database
-- counts and refuses in the same transaction. Stripe's events are kept here until they have been applied.

create table public.plan_limits (
    resource text primary key,
    name text not null check (btrim(name) <> ''),
    period text not null check (period in ('month', 'total', 'feature')),
    free integer check (free >= 0),
    pro integer check (pro >= 0),
    unlimited integer check (unlimited >= 0),
    sort_order integer not null default 0
);
comment on table public.plan_limits is 'How much of each thing each plan holds; empty is without a limit';
comment on column public.plan_limits.resource is
    'What is counted: the name by which triggers and use cases ask';
comment on column public.plan_limits.name is 'The thing as a sentence names it, such as lead magnets';
comment on column public.plan_limits.period is
    'month: made in a calendar month (UTC); total: there at a time; feature: 0 is not part of the plan';

insert into public.plan_limits (resource, name, period, free, pro, unlimited, sort_order) values
    ('lead_magnets', 'lead magnets', 'month', 2, 25, null, 10),
    ('posts', 'scheduled posts', 'month', 0, 15, null, 20),
    ('funnels', 'funnels', 'total', 2, 25, null, 30),
    ('sequences', 'email sequences', 'total', 1, 10, null, 40),
    ('custom_domain', 'a web domain of your own', 'feature', 0, null, null, 50),
    ('email_domain', 'an email domain of your own', 'feature', 0, null, null, 60),
    ('sender', 'a sender of your own', 'feature', 0, null, null, 70),
    ('white_label', 'white label', 'feature', 0, null, null, 80);

-- A new installation sells nothing yet: nobody is limited before its operator ends the beta.
insert into public.app_settings (key, value) values ('beta', 'on') on conflict (key) do nothing;

alter table public.subscriptions
    add column past_due_since timestamptz,
    add column stripe_event_at timestamptz;
comment on column public.subscriptions.past_due_since is
    'When the last payment failed; the plan holds for seven days more';
comment on column public.subscriptions.stripe_event_at is
    'When Stripe made the last event that was applied; older ones change nothing';

create table public.stripe_events (
    id text primary key check (char_length(id) between 1 and 255),
    type text not null,
    created timestamptz not null,
    customer_id text,
    payload jsonb not null,
    status text not null default 'pending'
        check (status in ('pending', 'applied', 'ignored', 'unmatched')),
    note text,
    received_at timestamptz not null default now(),
    handled_at timestamptz
);
comment on table public.stripe_events is 'What Stripe told us, each event once, and what became of it';
comment on column public.stripe_events.type is 'Stripe''s name of what happened; open for more';
comment on column public.stripe_events.created is 'When it happened, by Stripe''s clock';
comment on column public.stripe_events.status is
    'unmatched: nobody here is this customer yet; kept to be applied later';
create index on public.stripe_events (customer_id);
create index on public.stripe_events (received_at desc);
create index on public.stripe_events (status) where status in ('pending', 'unmatched');
call access.state_machine('stripe_events', 'status', '{
    "pending": ["applied", "ignored", "unmatched"],
    "unmatched": ["pending", "applied", "ignored"]
}');

-- The plan in force. A payment that failed leaves it for seven days; what Stripe has not been paid for at
-- all (incomplete, unpaid) is no plan.

create function access.grace_end(past_due_since timestamptz) returns timestamptz
language sql immutable
set search_path = ''
as $$ select past_due_since + interval '7 days' $$;
comment on function access.grace_end(timestamptz) is 'Until when a plan holds whose payment failed';
grant execute on function access.grace_end(timestamptz) to authenticated, service_role, svc_magnetlab;

create function access.plan_of(account uuid) returns text
language sql stable
set search_path = ''
as $$
    select coalesce((
        select case
            when s.status in ('active', 'trialing') then s.plan
            when s.status = 'past_due'
                and pg_catalog.now() < access.grace_end(coalesce(s.past_due_since, s.updated_at)) then s.plan
            else 'free'
        end
        from public.subscriptions as s
        where s.user_id = account
    ), 'free')
$$;
comment on function access.plan_of(uuid) is 'The plan in force of an account, of those that the caller may see';
grant execute on function access.plan_of(uuid) to authenticated, service_role, svc_magnetlab;

create function access.is_beta() returns boolean
language sql stable security definer
set search_path = ''
as $$
    select exists (select from public.app_settings as a where a.key = 'beta' and a.value = 'on')
$$;
comment on function access.is_beta() is 'Whether the installation limits nobody yet';
grant execute on function access.is_beta() to authenticated, service_role, svc_magnetlab;

-- Limits are the owner's: what members make in a team counts on whoever pays for it.
create function access.billing_user_id(row_user_id uuid, row_team_id uuid) returns uuid
language sql stable security definer
set search_path = ''
as $$
    select coalesce((select t.owner_id from public.teams as t where t.id = row_team_id), row_user_id)
$$;

create function access.is_billed_to(account uuid) returns boolean
language sql stable security definer
set search_path = ''
as $$
    select auth.role() = 'service_role' or auth.uid() = account or exists (
        select from public.teams as t
        where t.owner_id = account and t.id = any ((select access.team_ids())::uuid[])
    )
$$;

create function access.count_held(account uuid, wanted text) returns integer
language plpgsql stable security definer
set search_path = ''
as $$
declare
    theirs uuid[] := array(select t.id from public.teams as t where t.owner_id = account);
    held integer;
begin
    if wanted = 'funnels' then
        select pg_catalog.count(*) into held from public.funnel_pages as f
        where not coalesce(f.is_variant, false)
            and (f.team_id = any (theirs) or (f.team_id is null and f.user_id = account));
    elsif wanted = 'sequences' then
        select pg_catalog.count(*) into held from public.email_sequences as s
        where s.team_id = any (theirs) or (s.team_id is null and s.user_id = account);
    end if;
    return coalesce(held, 0);
end
$$;

create function access.plan_usage(account uuid)
returns table (resource text, name text, period text, used integer, most integer)
language sql stable security definer
set search_path = ''
as $$
    select l.resource, l.name, l.period,
        case l.resource
            when 'lead_magnets' then coalesce(u.lead_magnets_created, 0)
            when 'posts' then coalesce(u.posts_scheduled, 0)
            else access.count_held(account, l.resource)
        end,
        case (select access.plan_of(account))
            when 'free' then l.free when 'pro' then l.pro else l.unlimited
        end
    from public.plan_limits as l
    left join public.usage_tracking as u on u.user_id = account
        and u.month_year = pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM')
    where (select access.is_billed_to(account))
    order by l.sort_order
$$;
comment on function access.plan_usage(uuid) is
    'What an account has used of its plan, for itself and for those who work in its teams';

-- The one check. The month's row is written first, and its lock held to the end of the transaction, so
-- that of many who come at once each sees what the others took.
create function access.take_of_plan(account uuid, wanted text, added integer default 1) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    held public.plan_limits;
    plan text := access.plan_of(account);
    most integer;
    used integer;
begin
    if not access.is_billed_to(account) then
        raise exception 'This plan is somebody else''s.' using errcode = '42501';
    end if;
    select l.* into held from public.plan_limits as l where l.resource = wanted;
    if not found then
        raise exception 'No plan knows %.', wanted using errcode = '22023';
    end if;
    most := case plan when 'free' then held.free when 'pro' then held.pro else held.unlimited end;
    if held.period = 'feature' then
        used := added;
    else
        insert into public.usage_tracking as u (user_id, month_year, lead_magnets_created, posts_scheduled)
        values (
            account, pg_catalog.to_char(pg_catalog.now() at time zone 'UTC', 'YYYY-MM'),
            case wanted when 'lead_magnets' then added else 0 end,
            case wanted when 'posts' then added else 0 end
        )
        on conflict (user_id, month_year) do update set
            lead_magnets_created = coalesce(u.lead_magnets_created, 0) + excluded.lead_magnets_created,
            posts_scheduled = coalesce(u.posts_scheduled, 0) + excluded.posts_scheduled
        returning case wanted when 'lead_magnets' then u.lead_magnets_created else u.posts_scheduled end
        into used;
        if held.period = 'total' then
            used := access.count_held(account, wanted);
        end if;
    end if;
    if most is null or used <= most or access.is_beta() then
        return;
    end if;
    raise exception using
        errcode = 'LS402',
        message = case
            when held.period = 'feature' then
                pg_catalog.format('The %s plan doesn''t include %s.', plan, held.name)
            when most = 0 then pg_catalog.format('The %s plan holds no %s.', plan, held.name)
            else pg_catalog.format(
                'The %s plan holds %s %s%s.', plan, most,
                case most when 1 then pg_catalog.regexp_replace(held.name, 's$', '') else held.name end,
                case held.period when 'month' then ' a month' else '' end)
        end,
        detail = pg_catalog.jsonb_build_object(
            'resource', wanted, 'period', held.period, 'plan', plan, 'current', used - added,
            'limit', most, 'upgrade', '/app/billing/plans')::text,
        hint = case
            when auth.uid() = account then 'A larger plan holds more.'
            else 'The owner of this workspace can choose a larger plan.'
        end;
end
$$;
comment on function access.take_of_plan(uuid, text, integer) is
    'Counts what is made on the plan that pays for it, and refuses what the plan doesn''t hold';

grant execute on function access.plan_usage(uuid), access.take_of_plan(uuid, text, integer)
to authenticated, service_role, svc_magnetlab;
insert into access.definer_functions (function_name, reason) values
    ('access.is_beta', 'Answers one switch of the installation, which every plan page shows'),
    ('access.plan_usage', 'Counts what a plan paid for; refuses whoever does not work on it'),
    ('access.take_of_plan', 'Writes the counter that people only read; refuses whoever does not work on it');

create function access.count_added() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    made record;
begin
    for made in
        select access.billing_user_id(a.user_id, a.team_id) as account, pg_catalog.count(*)::integer as rows
        from added as a group by 1 order by 1
    loop
        perform access.take_of_plan(made.account, tg_argv[0], made.rows);
    end loop;
    return null;
end
$$;
comment on function access.count_added() is 'Statement trigger: counts new rows on the plans that pay for them';

-- A variant of a page is no funnel of its own.
create function access.count_added_funnels() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    made record;
begin
    for made in
        select access.billing_user_id(a.user_id, a.team_id) as account, pg_catalog.count(*)::integer as rows
        from added as a where not coalesce(a.is_variant, false) group by 1 order by 1
    loop
        perform access.take_of_plan(made.account, 'funnels', made.rows);
    end loop;
    return null;
end
$$;
comment on function access.count_added_funnels() is
    'Statement trigger: counts new funnels on the plans that pay for them';

-- The service key imports what was made elsewhere: that counts for nobody's month.
create trigger count_on_plan after insert on public.lead_magnets
referencing new table as added for each statement
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.count_added('lead_magnets');
create trigger count_on_plan after insert on public.funnel_pages
referencing new table as added for each statement
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.count_added_funnels();
create trigger count_on_plan after insert on public.email_sequences
referencing new table as added for each statement
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.count_added('sequences');

-- Setting one of the named columns needs the feature; emptying it does not, whatever the plan.
create function access.need_feature() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    given jsonb := pg_catalog.to_jsonb(new);
    before jsonb := case tg_op when 'UPDATE' then pg_catalog.to_jsonb(old) else '{}' end;
    named text;
begin
    foreach named in array tg_argv[1:] loop
        if given -> named is distinct from before -> named
            and given -> named not in ('null', 'false', '""')
        then
            perform access.take_of_plan(
                access.billing_user_id(
                    (given ->> 'owner_id')::uuid, coalesce(given ->> 'team_id', given ->> 'id')::uuid),
                tg_argv[0]);
            exit;
        end if;
    end loop;
    return new;
end
$$;
comment on function access.need_feature() is 'Row trigger: refuses a setting that the plan doesn''t include';

create trigger need_white_label before insert or update on public.teams for each row
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.need_feature(
    'white_label', 'whitelabel_enabled', 'hide_branding', 'custom_favicon_url', 'custom_site_name');
create trigger need_sender before insert or update on public.teams for each row
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.need_feature('sender', 'custom_email_sender_name', 'custom_from_email');
create trigger need_custom_domain before insert or update of domain on public.team_domains for each row
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.need_feature('custom_domain', 'domain');
create trigger need_email_domain before insert or update of domain on public.team_email_domains for each row
when (current_user in ('authenticated', 'svc_magnetlab'))
execute function access.need_feature('email_domain', 'domain');

-- Access.

call access.service_only('plan_limits');
call access.written_by('plan_limits', 'magnetlab', 'identity');

call access.service_only('stripe_events');
call access.written_by('stripe_events', 'magnetlab', 'identity');

call access.apply('subscriptions');
