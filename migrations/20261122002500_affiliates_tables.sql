-- The tables of affiliates.

create table public.affiliate_assets (
    id uuid primary key default gen_random_uuid(),
    title text not null,
    description text,
    asset_type text not null,
    content_text text,
    file_url text,
    sort_order integer not null default 0,
    is_visible boolean not null default true,
    created_at timestamptz not null default now()
);
comment on table public.affiliate_assets is 'DESCRIBE';

create table public.affiliates (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    name text not null,
    company text,
    slug text not null,
    code text not null,
    status text not null default 'pending',
    commission_amount integer not null default 500,
    stripe_connect_account_id text,
    stripe_connect_onboarded boolean not null default false,
    bootcamp_student_id uuid references public.bootcamp_students (id) on delete set null,
    photo_url text,
    bio text,
    application_note text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.affiliates is 'Affiliate accounts';
create index on public.affiliates (bootcamp_student_id);
call platform.maintain_updated_at('affiliates');

create table public.referrals (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid not null references public.affiliates (id) on delete restrict,
    referred_email text,
    referred_name text,
    bootcamp_student_id uuid references public.bootcamp_students (id) on delete set null,
    total_price integer not null default 0,
    amount_paid integer not null default 0,
    status text not null default 'clicked',
    attributed_at timestamptz not null default now(),
    enrolled_at timestamptz,
    paid_in_full_at timestamptz,
    commission_paid_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.referrals is 'Referral tracking';
create index on public.referrals (affiliate_id);
create index on public.referrals (bootcamp_student_id);

create table public.affiliate_payouts (
    id uuid primary key default gen_random_uuid(),
    affiliate_id uuid not null references public.affiliates (id) on delete restrict,
    referral_id uuid not null references public.referrals (id) on delete restrict,
    amount integer not null,
    stripe_transfer_id text,
    status text not null default 'pending',
    created_at timestamptz not null default now(),
    paid_at timestamptz
);
comment on table public.affiliate_payouts is 'Payout history';
create index on public.affiliate_payouts (referral_id);
create index on public.affiliate_payouts (affiliate_id);

create table public.gc_members (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    name text,
    company text,
    website text,
    linkedin text,
    plan text default 'Trial',
    status text default 'Onboarding',
    start_date date,
    slack_handle text,
    calendar_link text,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.gc_members is 'Growth Collective members';
call platform.maintain_updated_at('gc_members');

create table public.member_icp (
    id uuid primary key default gen_random_uuid(),
    member_id uuid references public.gc_members (id) on delete set null,
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
comment on table public.member_icp is 'DESCRIBE';
create index on public.member_icp (member_id);
call platform.maintain_updated_at('member_icp');

create table public.onboarding_checklist (
    id uuid primary key default gen_random_uuid(),
    item text not null,
    category text not null,
    support_type text,
    sort_order integer default 0,
    description text,
    doc_link text,
    plan_required text default 'All Plans',
    created_at timestamptz default now()
);
comment on table public.onboarding_checklist is 'DESCRIBE';

create table public.member_progress (
    id uuid primary key default gen_random_uuid(),
    member_id uuid references public.gc_members (id) on delete set null,
    checklist_item_id uuid references public.onboarding_checklist (id) on delete set null,
    status text default 'Not Started',
    completed_date date,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.member_progress is 'DESCRIBE';
create index on public.member_progress (member_id);
create index on public.member_progress (checklist_item_id);
call platform.maintain_updated_at('member_progress');

create table public.tool_access (
    id uuid primary key default gen_random_uuid(),
    member_id uuid references public.gc_members (id) on delete set null,
    tool text not null,
    login_url text,
    username text,
    password text,
    access_type text,
    status text default 'Not Set Up',
    setup_doc text,
    notes text,
    created_at timestamptz default now()
);
comment on table public.tool_access is 'DESCRIBE';
create index on public.tool_access (member_id);

-- Access.

call access.service_only('affiliate_assets');
call access.written_by('affiliate_assets', 'copy_of_gtm_os', 'affiliates');

call access.through('affiliates', 'bootcamp_student_id', 'bootcamp_students');
call access.written_by('affiliates', 'copy_of_gtm_os', 'affiliates');

call access.through('referrals', 'affiliate_id', 'affiliates');
call access.written_by('referrals', 'copy_of_gtm_os', 'affiliates');

call access.through('affiliate_payouts', 'referral_id', 'referrals');
call access.written_by('affiliate_payouts', 'copy_of_gtm_os', 'affiliates');

call access.service_only('gc_members');
call access.written_by('gc_members', 'copy_of_gtm_os', 'affiliates');

call access.through('member_icp', 'member_id', 'gc_members');
call access.written_by('member_icp', 'copy_of_gtm_os', 'affiliates');

call access.service_only('onboarding_checklist');
call access.written_by('onboarding_checklist', 'copy_of_gtm_os', 'affiliates');

call access.through('member_progress', 'member_id', 'gc_members');
call access.written_by('member_progress', 'copy_of_gtm_os', 'affiliates');

call access.through('tool_access', 'member_id', 'gc_members');
call access.written_by('tool_access', 'copy_of_gtm_os', 'affiliates');
