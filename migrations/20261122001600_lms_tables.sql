-- Bootcamps: students, courses, invite codes, chat tools, and what a student may open.

create table public.ai_tools (
    id uuid primary key default gen_random_uuid(),
    slug text not null check (slug ~ '^[a-z0-9]+([_-][a-z0-9]+)*$'),
    name text not null check (btrim(name) <> ''),
    description text,
    system_prompt text not null,
    model text default 'claude-sonnet-4-20250514',
    max_tokens integer default 1024 check (max_tokens between 256 and 64000),
    welcome_message text,
    suggested_prompts jsonb,
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    sort_order integer default 0,
    category text,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, slug)
);
comment on table public.ai_tools is 'Chat tools that students work with';
comment on column public.ai_tools.system_prompt is 'What the tool is told; never shown to a student';
comment on column public.ai_tools.suggested_prompts is 'List of texts offered above an empty chat';
comment on column public.ai_tools.category is
    'Slug of a heading, such as lead-magnet or outbound; others are title-cased';
call platform.maintain_updated_at('ai_tools');

create table public.bootcamp_cohorts (
    id uuid primary key default gen_random_uuid(),
    name text not null check (btrim(name) <> ''),
    description text,
    status text default 'Active' check (status in ('Active', 'Draft', 'Archived')),
    created_at timestamptz default now(),
    start_date date,
    end_date date,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    constraint bootcamp_cohorts_dates check (end_date >= start_date)
);
comment on table public.bootcamp_cohorts is
    'The side of a cohort that invite codes point at; its course is the lms_cohorts row of the same name';
create unique index bootcamp_cohorts_name_key on public.bootcamp_cohorts (tenant_id, lower(name));

create table public.bootcamp_invite_codes (
    id uuid primary key default gen_random_uuid(),
    code text not null unique check (code ~ '^[A-Z0-9_-]{1,32}$'),
    cohort_id uuid references public.bootcamp_cohorts (id) on delete restrict,
    max_uses integer check (max_uses > 0),
    use_count integer default 0 check (use_count >= 0),
    status text default 'Active' check (status in ('Active', 'Disabled')),
    expires_at timestamptz,
    created_at timestamptz default now(),
    access_level text default 'Full Access'
        check (access_level in ('Full Access', 'Curriculum Only', 'Lead Magnet', 'Sprint + AI Tools')),
    tool_grants jsonb,
    content_grants jsonb,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.bootcamp_invite_codes is 'Codes with which people register, and what each opens';
comment on column public.bootcamp_invite_codes.max_uses is 'Null is without limit';
comment on column public.bootcamp_invite_codes.tool_grants is 'List of {toolSlug, credits}';
comment on column public.bootcamp_invite_codes.content_grants is
    'List of week keys: an lms_weeks.id, or the name of a module';
create index on public.bootcamp_invite_codes (cohort_id);
create index on public.bootcamp_invite_codes (tenant_id, created_at desc);

create table public.bootcamp_onboarding_checklist (
    id uuid primary key default gen_random_uuid(),
    item text not null check (btrim(item) <> ''),
    category text not null
        check (category in ('Welcome', 'Account Setup', 'AI Tools', 'Community', 'Getting Started')),
    description text,
    video_url text check (video_url ~* '^https?://'),
    doc_link text check (doc_link ~* '^https?://'),
    ai_tool_id text,
    sort_order integer default 0,
    is_required boolean default true,
    is_visible boolean default true,
    created_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.bootcamp_onboarding_checklist is
    'What every new student is asked to do, once for all of them';
comment on column public.bootcamp_onboarding_checklist.ai_tool_id is 'Slug or id of the tool the item opens';
create index on public.bootcamp_onboarding_checklist (tenant_id, sort_order);

create table public.bootcamp_settings (
    id uuid primary key default gen_random_uuid(),
    key text not null,
    value jsonb not null,
    description text,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, key)
);
comment on table public.bootcamp_settings is
    'Settings of the learning area: texts for students, and what purchases and calls grant';

create table public.bootcamp_students (
    id uuid primary key default gen_random_uuid(),
    email text not null unique check (email = lower(btrim(email)) and email <> ''),
    name text,
    company text,
    cohort text default 'Global',
    status text default 'Onboarding'
        check (status in ('Onboarding', 'Active', 'Completed', 'Paused', 'Churned')),
    access_level text default 'Full Access'
        check (access_level in ('Full Access', 'Curriculum Only', 'Lead Magnet', 'Sprint + AI Tools')),
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
    subscription_status text default 'none'
        check (subscription_status in ('none', 'active', 'past_due', 'canceled')),
    subscription_id text,
    subscription_started_at timestamptz,
    subscription_ends_at timestamptz,
    stripe_customer_id text,
    prospect_id uuid references public.prospects (id) on delete set null,
    access_expires_at timestamptz,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    user_id uuid unique references public.users (id) on delete set null
);
comment on table public.bootcamp_students is 'One person with access to the learning area';
comment on column public.bootcamp_students.cohort is
    'The earlier way to name a course; counts only for a student without any row in student_cohorts';
comment on column public.bootcamp_students.payment_source is
    'stripe, thrivecart, manual …: the channel of the revenue when nothing better is known';
comment on column public.bootcamp_students.notes is 'Remarks of the staff; the student does not see them';
comment on column public.bootcamp_students.prospect_id is 'The student''s own Blueprint';
comment on column public.bootcamp_students.access_expires_at is
    'End of time-limited access; Full Access is limited by the dates of its course instead';
comment on column public.bootcamp_students.user_id is
    'The account of the same person, linked at a verified sign-in';
create index on public.bootcamp_students (tenant_id, created_at desc);
create index on public.bootcamp_students (prospect_id);
create index on public.bootcamp_students (stripe_customer_id);
create index on public.bootcamp_students (subscription_id);
call platform.maintain_updated_at('bootcamp_students');
call access.state_machine('bootcamp_students', 'subscription_status', '{
    "none": ["active", "past_due", "canceled"],
    "active": ["past_due", "canceled"],
    "past_due": ["active", "canceled"],
    "canceled": ["active", "past_due"]
}');

create table public.bootcamp_student_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    checklist_item_id uuid not null
        references public.bootcamp_onboarding_checklist (id) on delete restrict,
    status text default 'Not Started'
        check (status in ('Not Started', 'In Progress', 'Complete', 'Skipped')),
    completed_at timestamptz,
    notes text,
    unique (student_id, checklist_item_id)
);
comment on table public.bootcamp_student_progress is
    'How far a student is with an item of the onboarding checklist';
comment on column public.bootcamp_student_progress.completed_at is
    'Kept by trigger: set while Complete, else null';
create index on public.bootcamp_student_progress (checklist_item_id);

create function public.date_completion() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.completed_at := case when new.status = 'Complete' then coalesce(new.completed_at, now()) end;
    return new;
end
$$;
comment on function public.date_completion() is
    'Row trigger: completed_at is set exactly while the row is Complete';

create trigger date_completion before insert or update on public.bootcamp_student_progress
for each row execute function public.date_completion();

create table public.bootcamp_student_survey (
    id uuid primary key default gen_random_uuid(),
    student_id uuid unique references public.bootcamp_students (id) on delete cascade,
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
comment on table public.bootcamp_student_survey is
    'A student''s answers about their business; the offered options are configuration';
comment on column public.bootcamp_student_survey.completed_at is 'Null while answers are missing';
call platform.maintain_updated_at('bootcamp_student_survey');

create table public.chat_conversations (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete restrict,
    tool_id uuid references public.ai_tools (id) on delete restrict,
    title text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    deleted_at timestamptz
);
comment on table public.chat_conversations is 'A chat of one student with one tool; nobody else reads it';
comment on column public.chat_conversations.deleted_at is
    'When the student threw it away: hidden, never lost';
create index on public.chat_conversations (student_id, updated_at desc);
create index on public.chat_conversations (tool_id);
call platform.maintain_updated_at('chat_conversations');

create table public.chat_messages (
    id uuid primary key default gen_random_uuid(),
    conversation_id uuid references public.chat_conversations (id) on delete restrict,
    role text not null check (role in ('user', 'assistant')),
    content text not null,
    input_tokens integer check (input_tokens >= 0),
    output_tokens integer check (output_tokens >= 0),
    created_at timestamptz default now()
);
comment on table public.chat_messages is 'What was said in a chat, in order';
comment on column public.chat_messages.input_tokens is 'Counted on the assistant''s messages only';
create index on public.chat_messages (conversation_id, created_at);

create table public.lms_cohorts (
    id uuid primary key default gen_random_uuid(),
    name text not null check (btrim(name) <> ''),
    description text,
    status text default 'Active' check (status in ('Active', 'Draft', 'Archived')),
    start_date date,
    end_date date,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    sidebar_label text,
    icon text,
    sort_order integer default 0,
    product_type text default 'course' check (product_type in ('course', 'bootcamp', 'upsell', 'bundle')),
    thrivecart_product_id text unique,
    onboarding_config jsonb default '{}'::jsonb,
    rotation_id text unique,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    constraint lms_cohorts_dates check (end_date >= start_date)
);
comment on table public.lms_cohorts is 'A course, or one run of it; students see it while it is Active';
comment on column public.lms_cohorts.id is
    'Two are fixed: …0001 Resources, open to everybody, and …0002 Members, for paying subscribers';
comment on column public.lms_cohorts.icon is 'An emoji';
comment on column public.lms_cohorts.thrivecart_product_id is 'The purchase that enrols here';
comment on column public.lms_cohorts.onboarding_config is
    '{enabled, welcomeVideoUrl, welcomeMessage, surveyEnabled, surveyQuestions[], calcomEnabled, '
    'calcomBookingUrl, calcomQualifyField, calcomQualifyValues[], steps[]}';
comment on column public.lms_cohorts.rotation_id is
    'The rotation that made it, so that a repeated one makes no second';
create unique index lms_cohorts_name_key on public.lms_cohorts (tenant_id, lower(name));
call platform.maintain_updated_at('lms_cohorts');

create table public.lms_weeks (
    id uuid primary key default gen_random_uuid(),
    cohort_id uuid not null references public.lms_cohorts (id) on delete cascade,
    title text not null check (btrim(title) <> ''),
    description text,
    sort_order integer default 0,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (cohort_id, title)
);
comment on table public.lms_weeks is 'A chapter of a course';
comment on column public.lms_weeks.is_visible is
    'False: for the staff only; so too for lessons, items and tasks';
call platform.maintain_updated_at('lms_weeks');

create table public.lms_action_items (
    id uuid primary key default gen_random_uuid(),
    week_id uuid not null references public.lms_weeks (id) on delete cascade,
    text text not null check (btrim(text) <> ''),
    description text,
    sort_order integer default 0,
    assigned_to_email text,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    video_url text check (video_url ~* '^https?://')
);
comment on table public.lms_action_items is 'What students are to do in a week';
comment on column public.lms_action_items.assigned_to_email is
    'The one student it is for; null is the whole cohort';
create index on public.lms_action_items (week_id, sort_order);
call platform.maintain_updated_at('lms_action_items');

create table public.lms_lessons (
    id uuid primary key default gen_random_uuid(),
    week_id uuid not null references public.lms_weeks (id) on delete cascade,
    title text not null check (btrim(title) <> ''),
    description text,
    sort_order integer default 0,
    is_visible boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.lms_lessons is 'A lesson of a week';
create index on public.lms_lessons (week_id, sort_order);
call platform.maintain_updated_at('lms_lessons');

create table public.lms_content_items (
    id uuid primary key default gen_random_uuid(),
    lesson_id uuid not null references public.lms_lessons (id) on delete cascade,
    title text not null,
    embed_url text check (embed_url ~* '^https?://'),
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
comment on table public.lms_content_items is
    'A block of a lesson: a video, a text, a tool, a set of credentials …';
comment on column public.lms_content_items.content_text is
    'Markdown, or sanitised HTML of an imported document';
comment on column public.lms_content_items.credentials_data is
    '{loginUrl, username, password, notes}, the password encrypted; the service shows it to students who see '
    'the item';
create index on public.lms_content_items (lesson_id, sort_order);
call platform.maintain_updated_at('lms_content_items');

create table public.lms_student_action_item_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    action_item_id uuid not null references public.lms_action_items (id) on delete restrict,
    completed_at timestamptz,
    proof_of_work text,
    notes text,
    created_at timestamptz default now(),
    unique (student_id, action_item_id)
);
comment on table public.lms_student_action_item_progress is 'What a student did about a task, with the proof';
comment on column public.lms_student_action_item_progress.proof_of_work is 'A link or a text';
create index on public.lms_student_action_item_progress (action_item_id);

create table public.lms_student_lesson_progress (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    lesson_id uuid not null references public.lms_lessons (id) on delete restrict,
    completed_at timestamptz,
    notes text,
    created_at timestamptz default now(),
    unique (student_id, lesson_id)
);
comment on table public.lms_student_lesson_progress is
    'The lessons a student has finished; taking one back deletes the row';
create index on public.lms_student_lesson_progress (lesson_id);

create table public.student_cohorts (
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    cohort_id uuid not null references public.lms_cohorts (id) on delete restrict,
    role text not null default 'student' check (role in ('student', 'member', 'resources')),
    joined_at timestamptz default now(),
    access_level text default 'Full Access'
        check (access_level in ('Full Access', 'Curriculum Only', 'Lead Magnet', 'Sprint + AI Tools')),
    onboarding_completed_at timestamptz,
    access_expires_at timestamptz,
    enrollment_source text check (enrollment_source in (
        'invite_code', 'csv_import', 'manual', 'thrivecart_course', 'thrivecart_funnel',
        'stripe_subscription', 'stripe_sprint', 'calcom_booking', 'call_grant'
    )),
    enrollment_metadata jsonb default '{}'::jsonb,
    primary key (student_id, cohort_id)
);
comment on table public.student_cohorts is 'Who is enrolled in which course, since when and until when';
comment on column public.student_cohorts.access_expires_at is
    'When this course closes for the student; null is never';
comment on column public.student_cohorts.enrollment_metadata is
    'Code, session, product, duration; and submitted_weeks: {week id: time}';
create index on public.student_cohorts (cohort_id);

create table public.student_content_grants (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    week_id text not null check (week_id <> ''),
    granted_by_code text,
    created_at timestamptz default now(),
    unique (student_id, week_id)
);
comment on table public.student_content_grants is
    'Weeks and modules opened for one student beside the enrolment';
comment on column public.student_content_grants.week_id is
    'An lms_weeks.id, or the name of a module such as dm_conversion_kit';

create table public.student_redeemed_codes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    code text not null check (code = upper(code)),
    redeemed_at timestamptz default now(),
    unique (student_id, code)
);
comment on table public.student_redeemed_codes is 'The invite codes a student has used, each once';

create table public.student_tool_credits (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete restrict,
    tool_id uuid not null references public.ai_tools (id) on delete restrict,
    credits_total integer not null default 0 check (credits_total >= 0),
    credits_used integer not null default 0 check (credits_used >= 0),
    granted_by_code text not null default 'MANUAL',
    created_at timestamptz default now(),
    unique (student_id, tool_id, granted_by_code),
    constraint student_tool_credits_not_overdrawn check (credits_used <= credits_total)
);
comment on table public.student_tool_credits is
    'Grants of chat messages with a tool; the balance is what its grants have left';
comment on column public.student_tool_credits.granted_by_code is
    'The invite code, MANUAL, stripe:<checkout session> or call:<booking>';
create index on public.student_tool_credits (tool_id);

create table public.subscription_events (
    id uuid primary key default gen_random_uuid(),
    student_id uuid references public.bootcamp_students (id) on delete restrict,
    event_type text not null check (event_type in (
        'created', 'paid', 'canceled', 'payment_failed', 'reactivated', 'sprint_purchase'
    )),
    stripe_event_id text unique,
    metadata jsonb default '{}'::jsonb,
    created_at timestamptz default now()
);
comment on table public.subscription_events is
    'What happened to a student''s membership and purchases; only added to';
create index on public.subscription_events (student_id, created_at desc);

create table public.unresolved_purchases (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    source text not null check (source in ('stripe', 'thrivecart', 'calcom')),
    external_id text not null,
    reason text not null,
    email text,
    product_id text,
    payload jsonb not null,
    status text not null default 'open' check (status in ('open', 'resolved', 'dismissed')),
    student_id uuid references public.bootcamp_students (id) on delete restrict,
    created_at timestamptz not null default now(),
    resolved_at timestamptz,
    unique (source, external_id),
    constraint unresolved_purchases_resolution check (status <> 'resolved' or student_id is not null)
);
comment on table public.unresolved_purchases is
    'Purchases that name no e-mail or no course we know: kept until a person says whose they are';
comment on column public.unresolved_purchases.external_id is 'Event or order at the source';
create index on public.unresolved_purchases (tenant_id, status, created_at desc);
create index on public.unresolved_purchases (student_id);
call access.state_machine('unresolved_purchases', 'status', '{
    "open": ["resolved", "dismissed"],
    "dismissed": ["open"]
}');

create table public.student_login_codes (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete cascade,
    token_hash text not null unique,
    code_hash text not null,
    attempts smallint not null default 0 check (attempts >= 0),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz
);
comment on table public.student_login_codes is 'A mailed link with its code, good for one sign-in';
comment on column public.student_login_codes.attempts is 'Wrong codes so far';
create index on public.student_login_codes (student_id, created_at desc);
create index on public.student_login_codes (expires_at);

create table public.student_sessions (
    id uuid primary key default gen_random_uuid(),
    student_id uuid not null references public.bootcamp_students (id) on delete cascade,
    token_hash text not null unique,
    user_agent text,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null
);
comment on table public.student_sessions is
    'Signed-in browsers of students; the cookie holds the token, this row its hash';
create index on public.student_sessions (student_id);
create index on public.student_sessions (expires_at);

-- What the acting student may open. The rules of the tables below call these, and each answers only
-- about whoever acts. A course, week or tool of another tenant never opens.

create function access.student_enrolments(student uuid) returns table (
    cohort_id uuid, role text, access_level text, access_expires_at timestamptz,
    status text, end_date date
)
language sql stable
set search_path = ''
as $$
    select c.id, e.role, e.access_level, e.access_expires_at, c.status, c.end_date
    from public.bootcamp_students as s
    join public.student_cohorts as e on e.student_id = s.id
    join public.lms_cohorts as c on c.id = e.cohort_id and c.tenant_id = s.tenant_id
    where s.id = student
    union all
    select named.id, 'student', null, null, named.status, named.end_date
    from public.bootcamp_students as s
    cross join lateral (
        select c.id, c.status, c.end_date
        from public.lms_cohorts as c
        where c.tenant_id = s.tenant_id and lower(c.name) in (lower(s.cohort), 'global')
        order by lower(c.name) <> lower(s.cohort)
        limit 1
    ) as named
    where s.id = student
        and not exists (select from public.student_cohorts as e where e.student_id = s.id)
$$;
comment on function access.student_enrolments(uuid) is
    'The courses of a student; for one from before enrolments, the course they are named after';

create function access.student_standing() returns table (
    student_id uuid, tenant_id uuid, email text, access_level text,
    state text, expires_at timestamptz, is_shut_out boolean
)
language sql stable security definer
set search_path = ''
as $$
    select
        s.id, s.tenant_id, s.email, level.name, standing.state, ending.expires_at,
        standing.state = 'expired' and level.name = 'Sprint + AI Tools'
    from public.bootcamp_students as s
    cross join lateral (select coalesce(s.access_level, 'Full Access') as name) as level
    cross join lateral (
        select case
            when s.subscription_status = 'active' then null
            when level.name <> 'Full Access' and s.access_expires_at is not null
                then s.access_expires_at
            else (
                -- One course without an end keeps the student's access without end.
                select case when bool_and(e.end_date is not null)
                    then (max(e.end_date) + 28)::timestamp at time zone 'UTC' end
                from access.student_enrolments(s.id) as e
                where e.role = 'student'
            )
        end as expires_at
    ) as ending
    cross join lateral (
        select case
            when s.subscription_status = 'active' then 'subscribed'
            when ending.expires_at <= now() then 'expired'
            when ending.expires_at <= now() + interval '7 days' then 'expiring'
            else 'active'
        end as state
    ) as standing
    where s.id = access.student_id()
$$;
comment on function access.student_standing() is
    'Level and state of the acting student: subscribed, active, expiring (7 days) or expired. A course '
    'stays open for 28 days after its end';

create function access.student_courses() returns table (cohort_id uuid, has_curriculum boolean)
language sql stable security definer
set search_path = ''
as $$
    select
        e.cohort_id,
        s.state = 'subscribed'
            or (s.access_level <> 'Lead Magnet' and e.access_level is distinct from 'Lead Magnet')
    from access.student_standing() as s
    cross join lateral access.student_enrolments(s.student_id) as e
    where e.status = 'Active' and not s.is_shut_out
        and (s.state = 'subscribed' or coalesce(e.access_expires_at > now(), true))
$$;
comment on function access.student_courses() is
    'The open courses of the acting student, and whether all their weeks are open or only granted ones';

create function access.student_cohort_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$ select array(select c.cohort_id from access.student_courses() as c) $$;
comment on function access.student_cohort_ids() is 'The courses that are open to the acting student';

create function access.student_week_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select w.id
        from access.student_courses() as c
        join public.lms_weeks as w on w.cohort_id = c.cohort_id
        where c.has_curriculum and w.is_visible
        union
        select w.id
        from access.student_standing() as s
        join public.student_content_grants as g on g.student_id = s.student_id
        join public.lms_weeks as w on w.id::text = g.week_id
        join public.lms_cohorts as c on c.id = w.cohort_id
        where w.is_visible and c.status = 'Active' and c.tenant_id = s.tenant_id
            and not s.is_shut_out
    )
$$;
comment on function access.student_week_ids() is
    'The weeks that enrolment, level and grants open to the acting student';

create function access.student_lesson_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select l.id from public.lms_lessons as l
        where l.is_visible and l.week_id = any ((select access.student_week_ids())::uuid[])
    )
$$;
comment on function access.student_lesson_ids() is 'The lessons that are open to the acting student';

create function access.student_action_item_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select i.id
        from access.student_standing() as s
        join public.lms_action_items as i
            on i.week_id = any ((select access.student_week_ids())::uuid[])
        where i.is_visible
            and (i.assigned_to_email is null or lower(btrim(i.assigned_to_email)) = s.email)
    )
$$;
comment on function access.student_action_item_ids() is 'The tasks that are open to the acting student';

create function access.student_tool_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select t.id
        from access.student_standing() as s
        join public.ai_tools as t on t.tenant_id = s.tenant_id and t.is_active
        where s.state = 'subscribed'
            or s.access_level = 'Full Access'
            or (
                s.access_level in ('Lead Magnet', 'Sprint + AI Tools') and not s.is_shut_out
                and exists (
                    select from public.student_tool_credits as c
                    where c.student_id = s.student_id and c.tool_id = t.id
                )
            )
    )
$$;
comment on function access.student_tool_ids() is
    'The chat tools that level and grants show to the acting student';

create function access.student_tenant_id() returns uuid
language sql stable security definer
set search_path = ''
as $$ select s.tenant_id from public.bootcamp_students as s where s.id = access.student_id() $$;
comment on function access.student_tenant_id() is 'The tenant whose student acts';

create function access.student_may_write() returns boolean
language sql stable security definer
set search_path = ''
as $$
    select exists (
        select from access.student_standing() as s
        where s.state <> 'expired' or s.access_level in ('Full Access', 'Lead Magnet')
    )
$$;
comment on function access.student_may_write() is
    'Whether the acting student still keeps progress: an expired Curriculum Only is read-only';

create function public.student_profile() returns table (
    id uuid, email text, name text, company text, status text, onboarding_completed_at timestamptz,
    prospect_id uuid, subscription_status text, subscription_ends_at timestamptz,
    access_level text, access_state text, access_expires_at timestamptz, days_left integer
)
language sql stable security definer
set search_path = ''
as $$
    select
        s.id, s.email, s.name, s.company, s.status, s.onboarding_completed_at,
        s.prospect_id, s.subscription_status, s.subscription_ends_at,
        standing.access_level, standing.state, standing.expires_at,
        ceil(extract(epoch from standing.expires_at - now()) / 86400)::integer
    from access.student_standing() as standing
    join public.bootcamp_students as s on s.id = standing.student_id
$$;
comment on function public.student_profile() is
    'The acting student, without what the staff noted about them, and what their access is at this moment';

insert into access.definer_functions (function_name, reason) values
    (
        'access.student_cohort_ids',
        'Answers the acting student''s own courses; enrolments are under their own rule'
    ),
    (
        'access.student_week_ids',
        'Answers the acting student''s own weeks; courses are under the rule that asks'
    ),
    (
        'access.student_lesson_ids',
        'Answers the acting student''s own lessons; weeks are under the rule that asks'
    ),
    (
        'access.student_action_item_ids',
        'Answers the acting student''s own tasks; weeks are under the rule that asks'
    ),
    (
        'access.student_tool_ids',
        'Answers the acting student''s own tools; tools are under the rule that asks'
    ),
    (
        'access.student_tenant_id',
        'Answers the acting student''s own tenant; students do not read their whole row'
    ),
    ('access.student_may_write', 'Answers about the acting student alone'),
    ('public.student_profile', 'Shows students their own row without the remarks of the staff');

grant execute on function
    access.student_cohort_ids(), access.student_week_ids(), access.student_lesson_ids(),
    access.student_action_item_ids(), access.student_tool_ids(), access.student_tenant_id(),
    access.student_may_write(), public.student_profile()
to authenticated, service_role;

-- What students write beside their progress is theirs while they may write at all.
create procedure access.student_writes(target text, commands text[], condition text default 'true')
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'student',
        pg_catalog.format(
            '{row}.student_id = (select access.student_id()) and (select access.student_may_write()) '
            'and (%s)', condition),
        null, 'A student writes what is theirs');
end
$$;
comment on procedure access.student_writes(text, text[], text) is
    'Adds the student whom the row names as a writer, while their access lasts';

-- Access. The staff are the people of the tenant; a student sees what is theirs, and of a course what is
-- open to them.

-- A new tool comes with its prompt, which only the service may write.
call access.tenant('ai_tools', commands => '{select, update, delete}');
call access.student_where(
    'ai_tools', '{row}.id = any ((select access.student_tool_ids())::uuid[])',
    'Students see the tools that their level or a grant opens');
call access.secret('ai_tools', '{system_prompt}');
call access.written_by('ai_tools', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('bootcamp_cohorts');
call access.written_by('bootcamp_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('bootcamp_invite_codes');
call access.guard('bootcamp_invite_codes', '{use_count}');
call access.written_by('bootcamp_invite_codes', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('bootcamp_onboarding_checklist');
call access.student_where(
    'bootcamp_onboarding_checklist',
    '{row}.is_visible and {row}.tenant_id = (select access.student_tenant_id())',
    'Students see the checklist that they work through');
call access.written_by('bootcamp_onboarding_checklist', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('bootcamp_settings');
call access.student_where(
    'bootcamp_settings',
    '{row}.key in (''ai_tools_visible'', ''intro_video_url'', ''welcome_message'', ''ai_tools_title'', '
    '''ai_tools_subtitle'', ''ai_tools_info_title'', ''ai_tools_info_text'') '
    'and {row}.tenant_id = (select access.student_tenant_id())',
    'Students read the texts of their pages, not what purchases grant');
call access.written_by('bootcamp_settings', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('bootcamp_students');
call access.guard(
    'bootcamp_students',
    '{user_id, stripe_customer_id, subscription_status, subscription_id, subscription_started_at, '
    'subscription_ends_at}');
call access.written_by('bootcamp_students', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_student_progress', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('bootcamp_student_progress');
call access.student_writes('bootcamp_student_progress', '{insert, update}');
call access.written_by('bootcamp_student_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('bootcamp_student_survey', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('bootcamp_student_survey');
call access.student_writes('bootcamp_student_survey', '{insert, update}');
call access.written_by('bootcamp_student_survey', 'gtm_system', 'lms', '{copy_of_gtm_os}');

-- A chat is between the student and the tool: the staff have no command on it.
call access.through('chat_conversations', 'student_id', 'bootcamp_students', commands => '{}');
call access.student('chat_conversations', commands => '{select, update}');
call access.guard('chat_conversations', '{id, student_id, tool_id, created_at}');
call access.written_by('chat_conversations', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('chat_messages', 'conversation_id', 'chat_conversations', commands => '{}');
call access.student_where(
    'chat_messages',
    'exists (select from public.chat_conversations as c where c.id = {row}.conversation_id '
    'and c.student_id = (select access.student_id()))',
    'Students read their own chats; the service writes them');
call access.written_by('chat_messages', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('lms_cohorts');
call access.student_where(
    'lms_cohorts', '{row}.id = any ((select access.student_cohort_ids())::uuid[])',
    'Students see the courses that are open to them');
call access.written_by('lms_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_weeks', 'cohort_id', 'lms_cohorts');
call access.student_where(
    'lms_weeks', '{row}.id = any ((select access.student_week_ids())::uuid[])',
    'Students see the weeks that are open to them');
call access.written_by('lms_weeks', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_action_items', 'week_id', 'lms_weeks');
call access.student_where(
    'lms_action_items', '{row}.id = any ((select access.student_action_item_ids())::uuid[])',
    'Students see the tasks of their weeks, save those of another student');
call access.written_by('lms_action_items', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_lessons', 'week_id', 'lms_weeks');
call access.student_where(
    'lms_lessons', '{row}.id = any ((select access.student_lesson_ids())::uuid[])',
    'Students see the lessons of their weeks');
call access.written_by('lms_lessons', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('lms_content_items', 'lesson_id', 'lms_lessons');
call access.student_where(
    'lms_content_items',
    '{row}.is_visible and {row}.lesson_id = any ((select access.student_lesson_ids())::uuid[])',
    'Students see the blocks of their lessons; credentials are shown by the service');
call access.secret('lms_content_items', '{credentials_data}');
call access.written_by('lms_content_items', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through(
    'lms_student_action_item_progress', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('lms_student_action_item_progress');
call access.student_writes(
    'lms_student_action_item_progress', '{insert, update, delete}',
    '{row}.action_item_id = any ((select access.student_action_item_ids())::uuid[])');
call access.written_by('lms_student_action_item_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through(
    'lms_student_lesson_progress', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('lms_student_lesson_progress');
call access.student_writes(
    'lms_student_lesson_progress', '{insert, update, delete}',
    '{row}.lesson_id = any ((select access.student_lesson_ids())::uuid[])');
call access.written_by('lms_student_lesson_progress', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_cohorts', 'student_id', 'bootcamp_students');
call access.student('student_cohorts');
call access.written_by('student_cohorts', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_content_grants', 'student_id', 'bootcamp_students');
call access.student('student_content_grants');
call access.written_by('student_content_grants', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_redeemed_codes', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('student_redeemed_codes');
call access.written_by('student_redeemed_codes', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('student_tool_credits', 'student_id', 'bootcamp_students');
call access.student('student_tool_credits');
call access.guard('student_tool_credits', '{credits_used}');
call access.written_by('student_tool_credits', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.through('subscription_events', 'student_id', 'bootcamp_students', commands => '{select}');
call access.student('subscription_events');
call access.written_by('subscription_events', 'gtm_system', 'lms', '{copy_of_gtm_os}');

call access.tenant('unresolved_purchases', commands => '{select}');
call access.written_by('unresolved_purchases', 'gtm_system', 'lms');

call access.service_only('student_login_codes');
call access.secret('student_login_codes', '{token_hash, code_hash}');
call access.written_by('student_login_codes', 'gtm_system', 'lms');

call access.service_only('student_sessions');
call access.secret('student_sessions', '{token_hash}');
call access.written_by('student_sessions', 'gtm_system', 'lms');
