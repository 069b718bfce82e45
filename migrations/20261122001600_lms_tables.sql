-- The tables of lms.

create table public.ai_tools (
    id uuid primary key default gen_random_uuid(),
    slug text not null,
    name text not null,
    description text,
    system_prompt text not null,
    model text default 'claude-sonnet-4-20250514',
    max_tokens integer default 1024,
    welcome_message text,
    suggested_prompts jsonb,
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    sort_order integer default 0,
    category text
);
comment on table public.ai_tools is 'AI tools available to students';
call platform.maintain_updated_at('ai_tools');

create table public.bootcamp_cohorts (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    status text default 'Active',
    created_at timestamptz default now(),
    start_date date,
    end_date date
);
comment on table public.bootcamp_cohorts is 'Cohort definitions';

create table public.bootcamp_invite_codes (
    id uuid primary key default gen_random_uuid(),
    code text not null,
    cohort_id uuid references public.bootcamp_cohorts (id) on delete set null,
    max_uses integer,
    use_count integer default 0,
    status text default 'Active',
    expires_at timestamptz,
    created_at timestamptz default now(),
    access_level text default 'Full Access',
    tool_grants jsonb,
    content_grants jsonb
);
comment on table public.bootcamp_invite_codes is 'Enrollment codes';
create index on public.bootcamp_invite_codes (cohort_id);

create table public.bootcamp_onboarding_checklist (
    id uuid primary key default gen_random_uuid(),
    item text not null,
    category text not null,
    description text,
    video_url text,
    doc_link text,
    ai_tool_id text,
    sort_order integer default 0,
    is_required boolean default true,
    is_visible boolean default true,
    created_at timestamptz default now()
);
comment on table public.bootcamp_onboarding_checklist is 'Onboarding steps';

create table public.bootcamp_settings (
    id uuid primary key default gen_random_uuid(),
    key text not null,
    value jsonb not null,
    description text
);
comment on table public.bootcamp_settings is 'Config (call grants, etc.)';

create table public.bootcamp_students (
    id uuid primary key default gen_random_uuid(),
    email text not null,
    name text,
    company text,
    cohort text default 'Global',
    status text default 'Onboarding',
    access_level text default 'Full Access',
    purchase_date timestamptz,
    onboarding_completed_at timestamptz,
    slack_invited boolean default false,
    slack_invited_at timestamptz,
    calendar_added boolean default false,
    calendar_added_at timestamptz,
    payment_source text,
    payment_id text,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    subscription_status text default 'none',
    subscription_id text,
    subscription_started_at timestamptz,
    subscription_ends_at timestamptz,
    stripe_customer_id text,
    prospect_id uuid references public.prospects (id) on delete set null,
    access_expires_at timestamptz
);
comment on table public.bootcamp_students is 'Student records';
create index on public.bootcamp_students (prospect_id);
call platform.maintain_updated_at('bootcamp_students');

create table public.bootcamp_student_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete set null,
    checklist_item_id uuid references public.bootcamp_onboarding_checklist (id) on delete set null,
    status text default 'Not Started',
    completed_at timestamptz,
    notes text
);
comment on table public.bootcamp_student_progress is 'Weekly progress';
create index on public.bootcamp_student_progress (student_id);
create index on public.bootcamp_student_progress (checklist_item_id);

create table public.bootcamp_student_survey (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete set null,
    company_name text,
    website text,
    industry text,
    company_size text,
    role_title text,
    primary_goal text,
    biggest_challenges text[],
    linkedin_experience text,
    target_audience text,
    current_lead_gen_methods text[],
    monthly_outreach_volume text,
    tools_currently_using text[],
    completed_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.bootcamp_student_survey is 'Student surveys';
create index on public.bootcamp_student_survey (student_id);
call platform.maintain_updated_at('bootcamp_student_survey');

create table public.chat_conversations (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete set null,
    tool_id uuid references public.ai_tools (id) on delete set null,
    title text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.chat_conversations is 'DESCRIBE';
create index on public.chat_conversations (student_id);
create index on public.chat_conversations (tool_id);
call platform.maintain_updated_at('chat_conversations');

create table public.chat_messages (
    id uuid primary key default gen_random_uuid(),
    conversation_id uuid references public.chat_conversations (id) on delete set null,
    role text not null,
    content text not null,
    input_tokens integer,
    output_tokens integer,
    created_at timestamptz default now()
);
comment on table public.chat_messages is 'DESCRIBE';
create index on public.chat_messages (conversation_id);

create table public.lms_cohorts (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    description text,
    status text default 'Active',
    start_date date,
    end_date date,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    sidebar_label text,
    icon text,
    sort_order integer default 0,
    product_type text default 'course',
    thrivecart_product_id text,
    onboarding_config jsonb default '{}'::jsonb,
    rotation_id text
);
comment on table public.lms_cohorts is 'LMS cohort definitions';
call platform.maintain_updated_at('lms_cohorts');

create table public.lms_weeks (
    id uuid primary key default gen_random_uuid(),
    cohort_id uuid not null references public.lms_cohorts (id) on delete restrict,
    title text not null,
    description text,
    sort_order integer default 0,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.lms_weeks is 'Weekly curriculum';
create index on public.lms_weeks (cohort_id);
call platform.maintain_updated_at('lms_weeks');

create table public.lms_action_items (
    id uuid primary key default gen_random_uuid(),
    week_id uuid not null references public.lms_weeks (id) on delete restrict,
    text text not null,
    description text,
    sort_order integer default 0,
    assigned_to_email text,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    video_url text
);
comment on table public.lms_action_items is 'Weekly action items';
create index on public.lms_action_items (week_id);
call platform.maintain_updated_at('lms_action_items');

create table public.lms_lessons (
    id uuid primary key default gen_random_uuid(),
    week_id uuid not null references public.lms_weeks (id) on delete restrict,
    title text not null,
    description text,
    sort_order integer default 0,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.lms_lessons is 'Individual lessons';
create index on public.lms_lessons (week_id);
call platform.maintain_updated_at('lms_lessons');

create table public.lms_content_items (
    id uuid primary key default gen_random_uuid(),
    lesson_id uuid not null references public.lms_lessons (id) on delete restrict,
    title text not null,
    embed_url text,
    ai_tool_slug text,
    content_text text,
    credentials_data jsonb,
    description text,
    sort_order integer default 0,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    content_type public.lms_content_type not null default 'text'::public.lms_content_type
);
comment on table public.lms_content_items is 'Lesson content blocks';
create index on public.lms_content_items (lesson_id);
call platform.maintain_updated_at('lms_content_items');

create table public.lms_student_action_item_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    action_item_id uuid not null references public.lms_action_items (id) on delete restrict,
    completed_at timestamptz,
    proof_of_work text,
    notes text,
    created_at timestamptz default now()
);
comment on table public.lms_student_action_item_progress is 'DESCRIBE';
create index on public.lms_student_action_item_progress (action_item_id);
create index on public.lms_student_action_item_progress (student_id);

create table public.lms_student_lesson_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    lesson_id uuid not null references public.lms_lessons (id) on delete restrict,
    completed_at timestamptz,
    notes text,
    created_at timestamptz default now()
);
comment on table public.lms_student_lesson_progress is 'DESCRIBE';
create index on public.lms_student_lesson_progress (lesson_id);
create index on public.lms_student_lesson_progress (student_id);

create table public.student_cohorts (
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    cohort_id uuid not null references public.lms_cohorts (id) on delete restrict,
    role text not null default 'student',
    joined_at timestamptz default now(),
    access_level text default 'Full Access',
    onboarding_completed_at timestamptz,
    access_expires_at timestamptz,
    enrollment_source text,
    enrollment_metadata jsonb default '{}'::jsonb,
    primary key (/* DECIDE */)
);
comment on table public.student_cohorts is 'Student-cohort mapping';
create index on public.student_cohorts (cohort_id);
create index on public.student_cohorts (student_id);

create table public.student_content_grants (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    week_id text not null,
    granted_by_code text,
    created_at timestamptz default now()
);
comment on table public.student_content_grants is 'Content access grants';
create index on public.student_content_grants (student_id);

create table public.student_redeemed_codes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    code text not null,
    redeemed_at timestamptz default now()
);
comment on table public.student_redeemed_codes is 'Used invite codes';
create index on public.student_redeemed_codes (student_id);

create table public.student_tool_credits (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    tool_id uuid not null references public.ai_tools (id) on delete restrict,
    credits_total integer not null default 0,
    credits_used integer not null default 0,
    granted_by_code text,
    created_at timestamptz default now()
);
comment on table public.student_tool_credits is 'AI tool usage credits';
create index on public.student_tool_credits (student_id);
create index on public.student_tool_credits (tool_id);

create table public.subscription_events (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete set null,
    event_type text not null,
    stripe_event_id text,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now()
);
comment on table public.subscription_events is 'DESCRIBE';
create index on public.subscription_events (student_id);

-- Access.

call access.service_only('ai_tools');
call access.written_by('ai_tools', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.service_only('bootcamp_cohorts');
call access.written_by('bootcamp_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_invite_codes', 'cohort_id', 'bootcamp_cohorts');
call access.written_by('bootcamp_invite_codes', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.service_only('bootcamp_onboarding_checklist');
call access.written_by('bootcamp_onboarding_checklist', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.service_only('bootcamp_settings');
call access.written_by('bootcamp_settings', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_students', 'prospect_id', 'prospects');
call access.written_by('bootcamp_students', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_student_progress', 'student_id', 'bootcamp_students');
call access.written_by('bootcamp_student_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_student_survey', 'student_id', 'bootcamp_students');
call access.written_by('bootcamp_student_survey', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('chat_conversations', 'student_id', 'bootcamp_students');
call access.written_by('chat_conversations', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('chat_messages', 'conversation_id', 'chat_conversations');
call access.written_by('chat_messages', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.service_only('lms_cohorts');
call access.written_by('lms_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_weeks', 'cohort_id', 'lms_cohorts');
call access.written_by('lms_weeks', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_action_items', 'week_id', 'lms_weeks');
call access.written_by('lms_action_items', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_lessons', 'week_id', 'lms_weeks');
call access.written_by('lms_lessons', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_content_items', 'lesson_id', 'lms_lessons');
call access.written_by('lms_content_items', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_student_action_item_progress', 'action_item_id', 'lms_action_items');
call access.written_by('lms_student_action_item_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_student_lesson_progress', 'lesson_id', 'lms_lessons');
call access.written_by('lms_student_lesson_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_cohorts', 'cohort_id', 'lms_cohorts');
call access.written_by('student_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_content_grants', 'student_id', 'bootcamp_students');
call access.written_by('student_content_grants', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_redeemed_codes', 'student_id', 'bootcamp_students');
call access.written_by('student_redeemed_codes', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_tool_credits', 'student_id', 'bootcamp_students');
call access.written_by('student_tool_credits', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('subscription_events', 'student_id', 'bootcamp_students');
call access.written_by('subscription_events', 'gtm_system', 'lms', '{copy_of_gtm_os}');
