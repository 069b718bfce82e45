-- Partners who recommend the bootcamp and what they earn; and the members of the Growth Collective.

create table public.affiliate_assets (
    id uuid primary key default gen_random_uuid(),
    title text not null check (btrim(title) <> ''),
    description text,
    asset_type text not null check (asset_type in ('swipe_copy', 'image', 'video', 'document')),
    content_text text,
    file_url text check (file_url ~* '^https?://'),
    sort_order integer not null default 0,
    is_visible boolean not null default true,
    created_at timestamptz not null default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.affiliate_assets is 'Texts and files with which partners recommend us';
comment on column public.affiliate_assets.content_text is
    'The words of a swipe_copy; the other types have a file_url';
create index on public.affiliate_assets (tenant_id, sort_order);

create table public.affiliates (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(btrim(email)) and email <> ''),
    name text not null check (btrim(name) <> ''),
    company text,
    slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    code text not null unique check (code = upper(code) and code <> ''),
    status text not null default 'pending'
        check (status in ('pending', 'approved', 'active', 'rejected', 'suspended')),
    commission_amount integer not null default 500 check (commission_amount > 0),
    stripe_connect_account_id text unique,
    stripe_connect_onboarded boolean not null default false,
    bootcamp_student_id uuid references public.bootcamp_students (id) on delete set null,
    photo_url text check (photo_url ~* '^https?://'),
    bio text,
    application_note text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.affiliates is 'A partner who recommends the bootcamp for a commission';
comment on column public.affiliates.slug is 'Their public page: /refer/{slug}';
comment on column public.affiliates.code is 'What a visitor brings along; stays once a referral carries it';
comment on column public.affiliates.commission_amount is 'Whole US dollars for a referral paid in full';
comment on column public.affiliates.stripe_connect_onboarded is
    'Whether Stripe says that the account can receive transfers';
comment on column public.affiliates.application_note is 'How they mean to recommend us';
create index on public.affiliates (tenant_id, status, created_at desc);
create index on public.affiliates (bootcamp_student_id);
call platform.maintain_updated_at('affiliates');
call access.state_machine('affiliates', 'status', '{
    "pending": ["approved", "rejected"],
    "approved": ["active", "suspended"],
    "active": ["suspended"],
    "suspended": ["active", "approved"],
    "rejected": ["pending"]
}');

create table public.referrals (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid not null references public.affiliates (id) on delete restrict,
    referred_email text check (referred_email = lower(btrim(referred_email))),
    referred_name text,
    bootcamp_student_id uuid unique references public.bootcamp_students (id) on delete restrict,
    total_price integer not null default 0 check (total_price >= 0),
    amount_paid integer not null default 0 check (amount_paid >= 0),
    status text not null default 'clicked'
        check (status in ('clicked', 'enrolled', 'paying', 'paid_in_full', 'commission_paid')),
    attributed_at timestamptz not null default now(),
    enrolled_at timestamptz,
    paid_in_full_at timestamptz,
    commission_paid_at timestamptz,
    created_at timestamptz not null default now(),
    visitor_id text,
    constraint referrals_paid_in_full check (
        status <> 'paid_in_full' or (total_price > 0 and amount_paid >= total_price)
    )
);
comment on table public.referrals is
    'One person whom one partner brought, from the first click to the commission';
comment on column public.referrals.total_price is 'Whole US dollars';
comment on column public.referrals.amount_paid is
    'Whole US dollars: the sum of referral_payments, rounded down';
comment on column public.referrals.attributed_at is 'The first touch; the earliest one counts';
comment on column public.referrals.visitor_id is
    'A random mark of the browser, ours alone; no address is stored';
create unique index referrals_email_key on public.referrals (affiliate_id, lower(referred_email));
create unique index referrals_visitor_key on public.referrals (visitor_id, affiliate_id)
where visitor_id is not null;
create index on public.referrals (status);
-- Forward only; a refund before the payout takes "paid in full" back.
call access.state_machine('referrals', 'status', '{
    "clicked": ["enrolled"],
    "enrolled": ["paying", "paid_in_full"],
    "paying": ["paid_in_full"],
    "paid_in_full": ["paying", "commission_paid"]
}');

create table public.referral_payments (
    id uuid primary key default gen_random_uuid(),
    referral_id uuid not null references public.referrals (id) on delete restrict,
    stripe_id text not null,
    amount_cents integer not null check (amount_cents <> 0),
    paid_at timestamptz not null,
    created_at timestamptz not null default now(),
    unique (referral_id, stripe_id)
);
comment on table public.referral_payments is
    'The payments that count for a referral, each once however often Stripe tells; only added to';
comment on column public.referral_payments.stripe_id is 'Invoice, checkout session or refund';
comment on column public.referral_payments.amount_cents is 'US cents, negative for a refund';

create table public.affiliate_payouts (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid not null references public.affiliates (id) on delete restrict,
    referral_id uuid not null references public.referrals (id) on delete restrict,
    amount integer not null check (amount > 0),
    stripe_transfer_id text unique,
    status text not null default 'pending' check (status in ('pending', 'processing', 'paid', 'failed')),
    created_at timestamptz not null default now(),
    paid_at timestamptz,
    processing_started_at timestamptz,
    failure_reason text,
    reference text,
    constraint affiliate_payouts_paid_at check (status <> 'paid' or paid_at is not null)
);
comment on table public.affiliate_payouts is 'The commission for one referral, on its way to the partner';
comment on column public.affiliate_payouts.amount is
    'Whole US dollars, copied from the partner when the payout was made';
comment on column public.affiliate_payouts.processing_started_at is
    'When the transfer was begun; looked up at Stripe before it is tried again';
comment on column public.affiliate_payouts.reference is 'How it was paid, when by hand';
create index on public.affiliate_payouts (affiliate_id, created_at desc);
create index on public.affiliate_payouts (referral_id);
create index on public.affiliate_payouts (status, created_at);
create unique index affiliate_payouts_open_key on public.affiliate_payouts (referral_id)
where status <> 'failed';
-- pending to paid: by hand, where no payout account can be had.
call access.state_machine('affiliate_payouts', 'status', '{
    "pending": ["processing", "paid", "failed"],
    "processing": ["paid", "failed", "pending"],
    "failed": ["pending"]
}');

create function public.refuse_unearned_payout() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if not exists (
        select from public.referrals as r
        where r.id = new.referral_id and r.affiliate_id = new.affiliate_id
            and r.status in ('paid_in_full', 'commission_paid')
    ) then
        raise exception 'A commission is for the partner of a referral that is paid in full.'
            using errcode = 'check_violation', table = tg_table_name, column = 'referral_id',
                constraint = 'affiliate_payouts_earned';
    end if;
    return new;
end
$$;
comment on function public.refuse_unearned_payout() is
    'Row trigger: no payout before the referral is paid in full, and none to another partner';

create trigger refuse_unearned_payout
before insert or update of affiliate_id, referral_id on public.affiliate_payouts
for each row execute function public.refuse_unearned_payout();

create function public.keep_used_code() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if exists (select from public.referrals as r where r.affiliate_id = new.id) then
        raise exception 'A partner''s code stays once it is used.'
            using errcode = 'LS409', table = tg_table_name, column = 'code';
    end if;
    return new;
end
$$;
comment on function public.keep_used_code() is 'Row trigger: people carry the code in their browsers';

create trigger keep_used_code before update of code on public.affiliates
for each row when (old.code is distinct from new.code) execute function public.keep_used_code();

create table public.gc_members (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(btrim(email)) and email <> ''),
    name text,
    company text,
    website text,
    linkedin text,
    plan text default 'Trial' check (plan in ('Full ($1000/mo)', 'Lite ($600/mo)', 'Trial')),
    status text default 'Onboarding' check (status in ('Onboarding', 'Active', 'Paused', 'Churned')),
    start_date date,
    slack_handle text,
    calendar_link text,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.gc_members is 'A founder in the Growth Collective';
comment on column public.gc_members.calendar_link is 'Where they book their calls';
comment on column public.gc_members.notes is 'Remarks of the staff; the member does not see them';
create index on public.gc_members (tenant_id, created_at desc);
call platform.maintain_updated_at('gc_members');

create table public.member_icp (
    id uuid primary key default gen_random_uuid(),
    member_id uuid not null unique references public.gc_members (id) on delete cascade,
    company_name text,
    target_description text,
    verticals text,
    company_size text,
    job_titles text,
    geography text,
    pain_points text,
    social_proof text,
    differentiator text,
    common_objections text,
    offer text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.member_icp is 'Whom a member sells to: their ideal customer, in their own words';
call platform.maintain_updated_at('member_icp');

create table public.onboarding_checklist (
    id uuid primary key default gen_random_uuid(),
    item text not null check (btrim(item) <> ''),
    category text not null
        check (category in ('Before Kickoff', 'Week 1', 'Week 2', 'Week 3-4', 'Ongoing')),
    support_type text check (support_type in (
        'Self-Service', 'Doc/Template Provided', 'Review on Call', 'Strategy Guidance',
        'Initial Setup Help'
    )),
    sort_order integer default 0,
    description text,
    doc_link text check (doc_link ~* '^https?://'),
    plan_required text default 'All Plans' check (plan_required in ('All Plans', 'Full Only')),
    created_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.onboarding_checklist is 'What every member works through, once for all of them';
create index on public.onboarding_checklist (tenant_id, sort_order);

create table public.member_progress (
    id uuid primary key default gen_random_uuid(),
    member_id uuid not null references public.gc_members (id) on delete cascade,
    checklist_item_id uuid not null references public.onboarding_checklist (id) on delete restrict,
    status text default 'Not Started'
        check (status in ('Not Started', 'In Progress', 'Blocked', 'Complete')),
    completed_date date,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (member_id, checklist_item_id)
);
comment on table public.member_progress is 'How far a member is with an item of the checklist';
comment on column public.member_progress.completed_date is 'Kept by trigger: set while Complete, else null';
create index on public.member_progress (checklist_item_id);
call platform.maintain_updated_at('member_progress');

create function public.date_member_completion() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.completed_date :=
        case when new.status = 'Complete' then coalesce(new.completed_date, current_date) end;
    return new;
end
$$;
comment on function public.date_member_completion() is
    'Row trigger: completed_date is set exactly while the row is Complete';

create trigger date_member_completion before insert or update on public.member_progress
for each row execute function public.date_member_completion();

create table public.tool_access (
    id uuid primary key default gen_random_uuid(),
    member_id uuid not null references public.gc_members (id) on delete cascade,
    tool text not null check (tool in (
        'Clay', 'Smartlead', 'HeyReach', 'Apify', 'Anthropic API', 'Gemini API', 'Zapmail', 'Mailforge',
        'Linked Helper'
    )),
    login_url text check (login_url ~* '^https?://'),
    username text,
    password text,
    access_type text check (access_type in ('Shared Account', 'Client Account', 'Own Account')),
    status text default 'Not Set Up' check (status in ('Not Set Up', 'Pending', 'Active', 'Issues')),
    setup_doc text,
    notes text,
    created_at timestamptz default now(),
    unique (member_id, tool)
);
comment on table public.tool_access is 'A member''s account at one tool';
comment on column public.tool_access.username is 'Encrypted; the service shows it to the member while Active';
comment on column public.tool_access.password is 'Encrypted; the service shows it to the member while Active';

create table public.portal_login_codes (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid references public.affiliates (id) on delete cascade,
    member_id uuid references public.gc_members (id) on delete cascade,
    token_hash text not null unique,
    code_hash text,
    attempts smallint not null default 0 check (attempts >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint portal_login_codes_one_person check (num_nonnulls(affiliate_id, member_id) = 1)
);
comment on table public.portal_login_codes is
    'A mailed link, with a code to type or without, good for one sign-in of a partner or member';
comment on column public.portal_login_codes.attempts is 'Wrong codes so far';
create index on public.portal_login_codes (affiliate_id, created_at desc);
create index on public.portal_login_codes (member_id, created_at desc);
create index on public.portal_login_codes (expires_at);

create table public.portal_sessions (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid references public.affiliates (id) on delete cascade,
    member_id uuid references public.gc_members (id) on delete cascade,
    token_hash text not null unique,
    user_agent text,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint portal_sessions_one_person check (num_nonnulls(affiliate_id, member_id) = 1)
);
comment on table public.portal_sessions is
    'Signed-in browsers of partners and members; the cookie holds the token, this row its hash';
create index on public.portal_sessions (affiliate_id);
create index on public.portal_sessions (member_id);
create index on public.portal_sessions (expires_at);

-- Two more kinds of people act with claims of their own: partners (affiliate_id) and members (member_id).

create function access.affiliate_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select a.id from public.affiliates as a
    where a.id = nullif(auth.jwt() ->> 'affiliate_id', '')::uuid and a.status in ('approved', 'active')
$$;
comment on function access.affiliate_id() is 'The partner who acts, from the claims, unless suspended';

create function access.affiliate_tenant_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select a.tenant_id from public.affiliates as a where a.id = access.affiliate_id() and a.status = 'active'
$$;
comment on function access.affiliate_tenant_id() is 'The tenant whose active partner acts';

create function access.member_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select m.id from public.gc_members as m
    where m.id = nullif(auth.jwt() ->> 'member_id', '')::uuid and m.status is distinct from 'Churned'
$$;
comment on function access.member_id() is 'The member who acts, from the claims, unless they have left';

create function access.writing_member_id() returns uuid
language sql stable security definer
set search_path = ''
as $$
    select m.id from public.gc_members as m
    where m.id = access.member_id() and m.status is distinct from 'Paused'
$$;
comment on function access.writing_member_id() is 'The member who acts, unless paused: those only read';

create function access.member_checklist_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select c.id
        from public.gc_members as m
        join public.onboarding_checklist as c on c.tenant_id = m.tenant_id
        where m.id = access.member_id()
            and (c.plan_required is distinct from 'Full Only' or m.plan = 'Full ($1000/mo)')
    )
$$;
comment on function access.member_checklist_ids() is 'The checklist items of the acting member''s plan';

create function public.gc_member_profile() returns table (
    id uuid, email text, name text, company text, website text, linkedin text, plan text, status text,
    start_date date, slack_handle text, calendar_link text
)
language sql stable security definer
set search_path = ''
as $$
    select
        m.id, m.email, m.name, m.company, m.website, m.linkedin, m.plan, m.status,
        m.start_date, m.slack_handle, m.calendar_link
    from public.gc_members as m
    where m.id = access.member_id()
$$;
comment on function public.gc_member_profile() is 'The acting member, without the remarks of the staff';

create function public.partner_referrals() returns table (
    id uuid, referred_name text, masked_email text, total_price integer, amount_paid integer,
    status text, attributed_at timestamptz, enrolled_at timestamptz, paid_in_full_at timestamptz,
    commission_paid_at timestamptz
)
language sql stable security definer
set search_path = ''
as $$
    select
        r.id, r.referred_name, left(r.referred_email, 1) || '***@' || split_part(r.referred_email, '@', 2),
        r.total_price, r.amount_paid, r.status, r.attributed_at, r.enrolled_at, r.paid_in_full_at,
        r.commission_paid_at
    from public.referrals as r
    where r.affiliate_id = access.affiliate_id()
    order by r.attributed_at desc, r.id
$$;
comment on function public.partner_referrals() is
    'Whom the acting partner brought: e-mail addresses are masked, newest first';

insert into access.definer_functions (function_name, reason) values
    ('access.affiliate_id', 'Answers who acts, and reads of them only whether they are suspended'),
    ('access.affiliate_tenant_id', 'Answers the acting partner''s own tenant'),
    ('access.member_id', 'Answers who acts, and reads of them only whether they have left'),
    ('access.writing_member_id', 'Answers who acts, and reads of them only whether they are paused'),
    (
        'access.member_checklist_ids',
        'Answers the acting member''s own items; members do not read their whole row'
    ),
    ('public.gc_member_profile', 'Shows members their own row without the remarks of the staff'),
    ('public.partner_referrals', 'Shows partners their own referrals without the e-mail addresses');

grant execute on function
    access.affiliate_id(), access.affiliate_tenant_id(), access.member_id(), access.writing_member_id(),
    access.member_checklist_ids(), public.gc_member_profile(), public.partner_referrals()
to authenticated, service_role;

alter table access.rules drop constraint rules_pattern_check;
alter table access.rules add constraint rules_pattern_check
check (pattern in ('member', 'self', 'public', 'student', 'client', 'affiliate', 'gc_member'));

create procedure access.affiliate(target text, condition text, commands text[] default array['select'])
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'affiliate', condition,
        null, 'A partner sees what is theirs');
end
$$;
comment on procedure access.affiliate(text, text, text[]) is
    'Adds partners for whom a condition over {row} holds';

-- Reading goes on while a member is paused, writing does not.
create procedure access.gc_member(target text, condition text, writes text[] default '{}')
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], array['select'], 'gc_member',
        pg_catalog.replace(condition, '{member}', '(select access.member_id())'),
        null, 'A member sees what is theirs');
    call access.add_rules(
        target, array['authenticated'], writes, 'gc_member',
        pg_catalog.replace(condition, '{member}', '(select access.writing_member_id())'),
        null, 'A member keeps what is theirs');
end
$$;
comment on procedure access.gc_member(text, text, text[]) is
    'Adds members for whom a condition over {row} and {member} holds, and what they may write';

-- Access. The staff are the people of the tenant. Where a partner or member may not see all of their own
-- row, a function above shows the rest.

call access.tenant('affiliate_assets');
call access.affiliate(
    'affiliate_assets', '{row}.is_visible and {row}.tenant_id = (select access.affiliate_tenant_id())');
call access.written_by('affiliate_assets', 'copy_of_gtm_os', 'affiliates');

call access.tenant('affiliates', commands => '{select, update, delete}');
call access.affiliate(
    'affiliates', '{row}.id = (select access.affiliate_id())', commands => '{select, update}');
call access.public_read(
    'affiliates', '{row}.status = ''active''', columns => '{name, company, photo_url, bio, slug}',
    reason => 'The public page of an active partner');
call access.secret('affiliates', '{stripe_connect_account_id}');
call access.guard(
    'affiliates',
    '{id, tenant_id, email, slug, code, status, commission_amount, stripe_connect_onboarded, '
    'bootcamp_student_id, created_at, updated_at}');
call access.written_by('affiliates', 'copy_of_gtm_os', 'affiliates', '{gtm_system}');

call access.through('referrals', 'affiliate_id', 'affiliates', commands => '{select}');
call access.written_by('referrals', 'copy_of_gtm_os', 'affiliates', '{gtm_system}');

call access.through('referral_payments', 'referral_id', 'referrals', commands => '{select}');
call access.written_by('referral_payments', 'copy_of_gtm_os', 'affiliates');

call access.through('affiliate_payouts', 'affiliate_id', 'affiliates', commands => '{select}');
call access.affiliate('affiliate_payouts', '{row}.affiliate_id = (select access.affiliate_id())');
call access.written_by('affiliate_payouts', 'copy_of_gtm_os', 'affiliates', '{gtm_system}');

call access.tenant('gc_members');
call access.written_by('gc_members', 'copy_of_gtm_os', 'affiliates');

call access.through('member_icp', 'member_id', 'gc_members');
call access.gc_member('member_icp', '{row}.member_id = {member}', writes => '{insert, update}');
call access.written_by('member_icp', 'copy_of_gtm_os', 'affiliates');

call access.tenant('onboarding_checklist');
call access.gc_member(
    'onboarding_checklist', '{row}.id = any ((select access.member_checklist_ids())::uuid[])');
call access.written_by('onboarding_checklist', 'copy_of_gtm_os', 'affiliates');

call access.through('member_progress', 'member_id', 'gc_members');
call access.gc_member('member_progress', '{row}.member_id = {member}', writes => '{insert, update}');
call access.written_by('member_progress', 'copy_of_gtm_os', 'affiliates');

call access.through('tool_access', 'member_id', 'gc_members');
call access.gc_member('tool_access', '{row}.member_id = {member}');
call access.secret('tool_access', '{username, password}');
call access.written_by('tool_access', 'copy_of_gtm_os', 'affiliates');

call access.service_only('portal_login_codes');
call access.secret('portal_login_codes', '{token_hash, code_hash}');
call access.written_by('portal_login_codes', 'copy_of_gtm_os', 'affiliates');

call access.service_only('portal_sessions');
call access.secret('portal_sessions', '{token_hash}');
call access.written_by('portal_sessions', 'copy_of_gtm_os', 'affiliates');
