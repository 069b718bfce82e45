-- The tables of lead_magnets.

create table public.brand_kits (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    business_description text not null,
    business_type text not null,
    credibility_markers text[] default '{}'::text[],
    urgent_pains text[] default '{}'::text[],
    templates text[] default '{}'::text[],
    processes text[] default '{}'::text[],
    tools text[] default '{}'::text[],
    frequent_questions text[] default '{}'::text[],
    results text[] default '{}'::text[],
    success_example text,
    audience_tools text[] default '{}'::text[],
    preferred_tone text default 'conversational',
    style_profile jsonb,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    saved_ideation_result jsonb,
    ideation_generated_at timestamptz,
    sender_name text,
    best_video_url text,
    best_video_title text,
    content_links jsonb default '[]'::jsonb,
    community_url text,
    team_id uuid references public.teams (id) on delete set null,
    logos jsonb default '[]'::jsonb,
    default_testimonial jsonb,
    default_steps jsonb,
    default_theme text default 'dark',
    default_primary_color text default '#8b5cf6',
    default_background_style text default 'solid',
    logo_url text,
    font_family text,
    font_url text,
    website_url text
);
comment on table public.brand_kits is 'Team branding';
create index on public.brand_kits (team_id);
create index on public.brand_kits (user_id);
call platform.maintain_updated_at('brand_kits');

create table public.lead_magnets (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    title text not null,
    concept jsonb,
    extracted_content jsonb,
    generated_content jsonb,
    linkedin_post text,
    post_variations jsonb,
    dm_template text,
    cta_word text,
    notion_page_id text,
    notion_page_url text,
    thumbnail_url text,
    leadshark_post_id text,
    leadshark_automation_id text,
    scheduled_time timestamptz,
    published_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    polished_content jsonb,
    polished_at timestamptz,
    archetype public.lead_magnet_archetype,
    status public.lead_magnet_status default 'draft'::public.lead_magnet_status,
    pain_point text,
    target_audience text,
    short_description text,
    linkedin_post_id text,
    publish_provider text,
    interactive_config jsonb,
    screenshot_urls jsonb default '[]'::jsonb,
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.lead_magnets is 'Core content entities';
create index on public.lead_magnets (team_id);
create index on public.lead_magnets (user_id);
call platform.maintain_updated_at('lead_magnets');

create table public.email_sequences (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    emails jsonb not null default '[]'::jsonb,
    loops_synced_at timestamptz,
    loops_transactional_ids jsonb default '[]'::jsonb,
    status text not null default 'draft',
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.email_sequences is 'Drip email campaigns';
create index on public.email_sequences (user_id);
create index on public.email_sequences (lead_magnet_id);
create index on public.email_sequences (team_id);
call platform.maintain_updated_at('email_sequences');

create table public.extraction_sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    current_step integer default 1,
    extraction_answers jsonb default '{}'::jsonb,
    chat_messages jsonb default '[]'::jsonb,
    selected_concept_index integer,
    expires_at timestamptz default (now() + '24:00:00'::interval),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    wizard_state jsonb default '{}'::jsonb,
    draft_title text,
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.extraction_sessions is '6-step wizard state';
create index on public.extraction_sessions (user_id);
create index on public.extraction_sessions (team_id);
create index on public.extraction_sessions (lead_magnet_id);
call platform.maintain_updated_at('extraction_sessions');

create table public.interactive_chats (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete restrict,
    funnel_lead_id uuid,
    session_token text not null,
    title text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.interactive_chats is 'DESCRIBE';
create index on public.interactive_chats (lead_magnet_id);
create index on public.interactive_chats (funnel_lead_id);
call platform.maintain_updated_at('interactive_chats');

create table public.interactive_chat_messages (
    id uuid primary key default gen_random_uuid(),
    chat_id uuid not null references public.interactive_chats (id) on delete restrict,
    role text not null,
    content text not null,
    created_at timestamptz default now()
);
comment on table public.interactive_chat_messages is 'DESCRIBE';
create index on public.interactive_chat_messages (chat_id);

create table public.lead_magnet_analytics (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete restrict,
    linkedin_views integer default 0,
    linkedin_likes integer default 0,
    linkedin_comments integer default 0,
    linkedin_shares integer default 0,
    dms_sent integer default 0,
    dms_replied integer default 0,
    connections_made integer default 0,
    leads_captured integer default 0,
    captured_at timestamptz default now(),
    created_at timestamptz default now()
);
comment on table public.lead_magnet_analytics is 'DESCRIBE';
create index on public.lead_magnet_analytics (lead_magnet_id);

create table public.swipe_file_posts (
    id uuid primary key default gen_random_uuid(),
    content text not null,
    hook text,
    post_type text,
    niche text,
    topic_tags text[] default '{}'::text[],
    likes_count integer,
    comments_count integer,
    leads_generated integer,
    source_url text,
    author_name text,
    author_headline text,
    submitted_by uuid references public.users (id) on delete set null,
    status text default 'pending',
    is_curated boolean default false,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.swipe_file_posts is 'DESCRIBE';
create index on public.swipe_file_posts (submitted_by);
call platform.maintain_updated_at('swipe_file_posts');

create table public.swipe_file_lead_magnets (
    id uuid primary key default gen_random_uuid(),
    title text not null,
    description text,
    content text,
    format text,
    niche text,
    topic_tags text[] default '{}'::text[],
    downloads_count integer,
    conversion_rate numeric,
    leads_generated integer,
    thumbnail_url text,
    preview_image_url text,
    submitted_by uuid references public.users (id) on delete set null,
    status text default 'pending',
    is_curated boolean default false,
    related_post_id uuid references public.swipe_file_posts (id) on delete set null,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.swipe_file_lead_magnets is 'DESCRIBE';
create index on public.swipe_file_lead_magnets (related_post_id);
create index on public.swipe_file_lead_magnets (submitted_by);
call platform.maintain_updated_at('swipe_file_lead_magnets');

-- Access.

call access.owner('brand_kits');
call access.written_by('brand_kits', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.owner('lead_magnets');
call access.written_by('lead_magnets', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.owner('email_sequences');
call access.written_by('email_sequences', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.owner('extraction_sessions');
call access.written_by('extraction_sessions', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('interactive_chats', 'lead_magnet_id', 'lead_magnets');
call access.written_by('interactive_chats', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('interactive_chat_messages', 'chat_id', 'interactive_chats');
call access.written_by('interactive_chat_messages', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('lead_magnet_analytics', 'lead_magnet_id', 'lead_magnets');
call access.written_by('lead_magnet_analytics', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('swipe_file_posts', 'submitted_by', 'users');
call access.written_by('swipe_file_posts', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('swipe_file_lead_magnets', 'related_post_id', 'swipe_file_posts');
call access.written_by('swipe_file_lead_magnets', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');
