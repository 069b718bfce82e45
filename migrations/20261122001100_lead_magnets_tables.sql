-- The tables of lead_magnets: the resources people give for an e-mail address, and how they are made.

create table public.brand_kits (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    business_description text not null,
    business_type text not null check (business_type in (
        'coach-consultant', 'agency-owner', 'course-creator', 'freelancer', 'saas-tech', 'b2b-service')),
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
    sender_name text check (sender_name !~ '[\r\n]'),
    best_video_url text check (char_length(best_video_url) <= 2000),
    best_video_title text,
    content_links jsonb default '[]'::jsonb check (jsonb_typeof(content_links) = 'array'),
    community_url text check (char_length(community_url) <= 2000),
    team_id uuid unique references public.teams (id) on delete cascade,
    logos jsonb default '[]'::jsonb check (jsonb_typeof(logos) = 'array'),
    default_testimonial jsonb,
    default_steps jsonb,
    default_theme text default 'dark' check (default_theme in ('dark', 'light', 'custom')),
    default_primary_color text default '#8b5cf6' check (default_primary_color ~ '^#[0-9a-fA-F]{6}$'),
    default_background_style text default 'solid'
        check (default_background_style in ('solid', 'gradient', 'pattern')),
    logo_url text check (char_length(logo_url) <= 2000),
    font_family text check (char_length(font_family) <= 100),
    font_url text check (char_length(font_url) <= 2000),
    website_url text check (char_length(website_url) <= 2000)
);
comment on table public.brand_kits is
    'How a person''s or a team''s business speaks and looks: the ground of all that is written for it';
comment on column public.brand_kits.team_id is
    'Null for the kit of the person alone; a team''s kit goes with the team, for the person has their own';
comment on column public.brand_kits.content_links is '[{title, url}]';
comment on column public.brand_kits.logos is '[{name, imageUrl}]';
comment on column public.brand_kits.default_testimonial is '{quote, author?, role?, result?}';
comment on column public.brand_kits.default_steps is '{heading?, steps: [{title, description, icon?}]}';
comment on column public.brand_kits.saved_ideation_result is 'The last ideas, to be used again';
create unique index brand_kits_personal_key on public.brand_kits (user_id) where team_id is null;
create index on public.brand_kits (user_id);
call platform.maintain_updated_at('brand_kits');

create table public.lead_magnets (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    title text not null check (char_length(btrim(title)) between 1 and 200),
    concept jsonb,
    extracted_content jsonb,
    generated_content jsonb,
    linkedin_post text,
    post_variations jsonb,
    dm_template text,
    cta_word text,
    notion_page_id text,
    notion_page_url text,
    thumbnail_url text check (char_length(thumbnail_url) <= 2000),
    leadshark_post_id text,
    leadshark_automation_id text,
    scheduled_time timestamptz,
    published_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    polished_content jsonb,
    polished_at timestamptz,
    archetype public.lead_magnet_archetype,
    status public.lead_magnet_status not null default 'draft'::public.lead_magnet_status,
    pain_point text,
    target_audience text,
    short_description text,
    linkedin_post_id text,
    publish_provider text,
    interactive_config jsonb check (jsonb_typeof(interactive_config) = 'object'),
    screenshot_urls jsonb default '[]'::jsonb,
    team_id uuid references public.teams (id) on delete set null,
    external_url text check (external_url ~* '^https?://' and char_length(external_url) <= 2000)
);
comment on table public.lead_magnets is 'A resource that somebody gets in exchange for an e-mail address';
comment on column public.lead_magnets.updated_at is
    'Also the version that an edit has to name, so that two people do not overwrite each other';
comment on column public.lead_magnets.concept is
    'The chosen idea: {archetype, title, painSolved, whyNowHook, contents, deliveryFormat, viralCheck, …}';
comment on column public.lead_magnets.extracted_content is
    'What the person said: '
    '{title, format, structure: [{sectionName, introduction?, contents, keyTakeaway?}], …}';
comment on column public.lead_magnets.generated_content is 'Content in the shape of its archetype';
comment on column public.lead_magnets.polished_content is
    '{version, polishedAt, title?, heroSummary, sections: [{id, sectionName, introduction, blocks, '
    'keyTakeaway}], metadata: {wordCount, readingTimeMinutes}}: what readers see';
comment on column public.lead_magnets.interactive_config is
    'A calculator, an assessment or a chat; its systemPrompt never leaves the server';
comment on column public.lead_magnets.post_variations is
    '[{hookType, post, whyThisAngle, evaluation}]; linkedin_post is the chosen one';
comment on column public.lead_magnets.screenshot_urls is
    '[{type: hero or section, sectionIndex?, sectionName?, url1080x1080}]';
comment on column public.lead_magnets.external_url is
    'Where the resource lies when it is only a link; shown to leads alone';
comment on column public.lead_magnets.notion_page_id is
    'Of an earlier integration, like notion_page_url and leadshark_*: kept, no longer written';
create index on public.lead_magnets (user_id);
create index on public.lead_magnets (team_id);
create index on public.lead_magnets (scheduled_time) where status = 'scheduled';
call platform.maintain_updated_at('lead_magnets');
call access.state_machine('lead_magnets', 'status', '{
    "draft": ["published", "scheduled", "archived"],
    "scheduled": ["draft", "published", "archived"],
    "published": ["scheduled", "archived"],
    "archived": ["draft", "published"]
}');

create table public.email_sequences (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null unique references public.lead_magnets (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete restrict,
    emails jsonb not null default '[]'::jsonb,
    loops_synced_at timestamptz,
    loops_transactional_ids jsonb default '[]'::jsonb,
    status text not null default 'draft' check (status in ('draft', 'synced', 'active')),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null,
    constraint email_sequences_emails_before_activation check (
        jsonb_typeof(emails) = 'array' and (status <> 'active' or emails <> '[]'::jsonb))
);
comment on table public.email_sequences is 'The welcome mails that follow the opt-in for one lead magnet';
comment on column public.email_sequences.emails is
    '[{day, subject, body, replyTrigger}] in order; day counts from the opt-in';
comment on column public.email_sequences.status is
    'active: new leads are enrolled; synced is an earlier word for draft';
comment on column public.email_sequences.loops_synced_at is
    'Of an earlier integration, like loops_transactional_ids: kept, no longer written';
create index on public.email_sequences (user_id);
create index on public.email_sequences (team_id);
call platform.maintain_updated_at('email_sequences');
call access.state_machine('email_sequences', 'status', '{
    "draft": ["active"],
    "synced": ["draft", "active"],
    "active": ["draft"]
}');

create function platform.pause_edited_sequence() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.status := 'draft';
    return new;
end
$$;
comment on function platform.pause_edited_sequence() is
    'Row trigger: mails that were changed are read again before anybody gets them';
create trigger pause_edited_sequence before update of emails on public.email_sequences for each row
when (old.emails is distinct from new.emails and old.status = 'active')
execute function platform.pause_edited_sequence();

create table public.extraction_sessions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    current_step integer default 1 check (current_step between 1 and 6),
    extraction_answers jsonb default '{}'::jsonb,
    chat_messages jsonb default '[]'::jsonb,
    selected_concept_index integer check (selected_concept_index >= 0),
    expires_at timestamptz default (now() + '24:00:00'::interval),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    wizard_state jsonb default '{}'::jsonb,
    draft_title text,
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.extraction_sessions is 'A draft of the wizard that makes lead magnets';
comment on column public.extraction_sessions.wizard_state is
    'The whole state; the other columns repeat parts of it for lists';
comment on column public.extraction_sessions.chat_messages is '[{role: user or assistant, content}]';
comment on column public.extraction_sessions.expires_at is
    'When the session may be removed; null for a draft that its author keeps';
comment on column public.extraction_sessions.updated_at is
    'Also the version that an autosave has to name';
create index on public.extraction_sessions (user_id);
create index on public.extraction_sessions (team_id);
create index on public.extraction_sessions (lead_magnet_id);
create index on public.extraction_sessions (expires_at) where expires_at is not null;
call platform.maintain_updated_at('extraction_sessions');

create table public.interactive_chats (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete restrict,
    funnel_lead_id uuid,
    session_token text not null,
    title text check (char_length(title) <= 100),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (lead_magnet_id, session_token)
);
comment on table public.interactive_chats is 'A visitor''s conversation with a lead magnet that chats';
comment on column public.interactive_chats.session_token is
    'SHA-256 of the token that the server gave the visitor; an adopted row holds the visitor''s own';
comment on column public.interactive_chats.title is 'The beginning of the first message';
create index on public.interactive_chats (lead_magnet_id, created_at desc);
create index on public.interactive_chats (funnel_lead_id) where funnel_lead_id is not null;
call platform.maintain_updated_at('interactive_chats');

create table public.interactive_chat_messages (
    id uuid primary key default gen_random_uuid(),
    chat_id uuid not null references public.interactive_chats (id) on delete restrict,
    role text not null check (role in ('user', 'assistant')),
    content text not null,
    created_at timestamptz default now(),
    is_complete boolean not null default true,
    constraint interactive_chat_messages_length check (role <> 'user' or char_length(content) <= 10000)
);
comment on table public.interactive_chat_messages is 'What was said in a conversation with a lead magnet';
comment on column public.interactive_chat_messages.is_complete is
    'False for a reply that broke off: what had come of it is kept';
create index on public.interactive_chat_messages (chat_id, created_at);

create table public.lead_magnet_analytics (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid not null references public.lead_magnets (id) on delete cascade,
    linkedin_views integer default 0 check (linkedin_views >= 0),
    linkedin_likes integer default 0 check (linkedin_likes >= 0),
    linkedin_comments integer default 0 check (linkedin_comments >= 0),
    linkedin_shares integer default 0 check (linkedin_shares >= 0),
    dms_sent integer default 0 check (dms_sent >= 0),
    dms_replied integer default 0 check (dms_replied >= 0),
    connections_made integer default 0 check (connections_made >= 0),
    leads_captured integer default 0 check (leads_captured >= 0),
    captured_at timestamptz default now(),
    created_at timestamptz default now(),
    unique (lead_magnet_id, captured_at)
);
comment on table public.lead_magnet_analytics is
    'The figures of a lead magnet''s promotion, as they stood at a moment';

create table public.swipe_file_posts (
    id uuid primary key default gen_random_uuid(),
    content text not null,
    hook text,
    post_type text check (post_type in (
        'story', 'listicle', 'hot-take', 'educational', 'case-study', 'carousel')),
    niche text check (niche in ('coaching', 'saas', 'agency', 'creator', 'b2b', 'other')),
    topic_tags text[] default '{}'::text[],
    likes_count integer check (likes_count >= 0),
    comments_count integer check (comments_count >= 0),
    leads_generated integer check (leads_generated >= 0),
    source_url text check (char_length(source_url) <= 2000),
    author_name text,
    author_headline text,
    submitted_by uuid references public.users (id) on delete set null,
    status text not null default 'pending'
        check (status in ('pending', 'approved', 'rejected', 'featured')),
    is_curated boolean default false,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.swipe_file_posts is 'Posts that worked, for everybody to learn from';
comment on column public.swipe_file_posts.status is
    'approved and featured are shown to everybody who is signed in';
comment on column public.swipe_file_posts.notes is 'Why it worked; shown with the post';
create index on public.swipe_file_posts (status, created_at desc);
create index on public.swipe_file_posts (submitted_by);
call platform.maintain_updated_at('swipe_file_posts');

create table public.swipe_file_lead_magnets (
    id uuid primary key default gen_random_uuid(),
    title text not null check (char_length(title) <= 200),
    description text,
    content text,
    format text check (format in (
        'checklist', 'template', 'guide', 'swipe-file', 'calculator', 'quiz', 'cheatsheet')),
    niche text check (niche in ('coaching', 'saas', 'agency', 'creator', 'b2b', 'other')),
    topic_tags text[] default '{}'::text[],
    downloads_count integer check (downloads_count >= 0),
    conversion_rate numeric check (conversion_rate between 0 and 100),
    leads_generated integer check (leads_generated >= 0),
    thumbnail_url text check (char_length(thumbnail_url) <= 2000),
    preview_image_url text check (char_length(preview_image_url) <= 2000),
    submitted_by uuid references public.users (id) on delete set null,
    status text not null default 'pending'
        check (status in ('pending', 'approved', 'rejected', 'featured')),
    is_curated boolean default false,
    related_post_id uuid references public.swipe_file_posts (id) on delete set null,
    notes text,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.swipe_file_lead_magnets is 'Lead magnets that worked, for everybody to learn from';
comment on column public.swipe_file_lead_magnets.status is
    'approved and featured are shown to everybody who is signed in';
comment on column public.swipe_file_lead_magnets.conversion_rate is 'Per cent of visitors';
comment on column public.swipe_file_lead_magnets.notes is 'Why it worked; shown with the lead magnet';
create index on public.swipe_file_lead_magnets (status, created_at desc);
create index on public.swipe_file_lead_magnets (submitted_by);
create index on public.swipe_file_lead_magnets (related_post_id);
call platform.maintain_updated_at('swipe_file_lead_magnets');

-- Access. What visitors see of a lead magnet follows from its funnel: that rule stands with the funnels.

call access.owner('brand_kits');
call access.written_by('brand_kits', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os, gtm_system}');

call access.owner('lead_magnets');
call access.written_by('lead_magnets', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os, gtm_system}');

call access.owner('email_sequences');
call access.guard('email_sequences', '{status, loops_synced_at, loops_transactional_ids}');
call access.references_seen('email_sequences', 'lead_magnet_id', 'lead_magnets');
call access.written_by('email_sequences', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os, gtm_system}');

call access.owner('extraction_sessions');
call access.references_seen('extraction_sessions', 'lead_magnet_id', 'lead_magnets');
call access.written_by('extraction_sessions', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('interactive_chats', 'lead_magnet_id', 'lead_magnets', commands => '{select}');
call access.secret('interactive_chats', '{session_token}');
call access.written_by('interactive_chats', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('interactive_chat_messages', 'chat_id', 'interactive_chats', commands => '{select}');
call access.written_by('interactive_chat_messages', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.through('lead_magnet_analytics', 'lead_magnet_id', 'lead_magnets', commands => '{select}');
call access.written_by('lead_magnet_analytics', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

-- Submitted once and withdrawn: what was approved must not change under its readers.
call access.owner('swipe_file_posts', user_column => 'submitted_by', commands => '{select, insert, delete}');
call access.public_read(
    'swipe_file_posts', '{row}.status in (''approved'', ''featured'')', roles => '{authenticated}',
    reason => 'A shared collection: approved examples are for everybody who is signed in');
call access.guard('swipe_file_posts', '{status, is_curated}');
call access.written_by('swipe_file_posts', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');

call access.owner(
    'swipe_file_lead_magnets', user_column => 'submitted_by', commands => '{select, insert, delete}');
call access.public_read(
    'swipe_file_lead_magnets', '{row}.status in (''approved'', ''featured'')', roles => '{authenticated}',
    reason => 'A shared collection: approved examples are for everybody who is signed in');
call access.guard('swipe_file_lead_magnets', '{status, is_curated}');
call access.written_by('swipe_file_lead_magnets', 'magnetlab', 'lead_magnets', '{copy_of_gtm_os}');
