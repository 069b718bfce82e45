-- The tables of content.

create table public.cp_business_context (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    company_name text,
    industry text,
    company_description text,
    icp_title text,
    icp_industry text,
    icp_pain_points text[] default '{}'::text[],
    target_audience text,
    content_preferences jsonb default '{}'::jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.cp_business_context is 'DESCRIBE';
create index on public.cp_business_context (user_id);
call platform.maintain_updated_at('cp_business_context');

create table public.cp_call_transcripts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source text not null,
    external_id text,
    title text,
    call_date timestamptz,
    duration_minutes integer,
    participants text[],
    raw_transcript text not null,
    summary text,
    extracted_topics text[],
    transcript_type text,
    ideas_extracted_at timestamptz,
    knowledge_extracted_at timestamptz,
    created_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete set null,
    speaker_profile_id uuid references public.team_profiles (id) on delete set null,
    speaker_map jsonb
);
comment on table public.cp_call_transcripts is 'Raw transcripts';
create index on public.cp_call_transcripts (user_id);
create index on public.cp_call_transcripts (speaker_profile_id);
create index on public.cp_call_transcripts (team_id);

create table public.cp_content_ideas (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    transcript_id uuid references public.cp_call_transcripts (id) on delete set null,
    title text not null,
    core_insight text,
    full_context text,
    why_post_worthy text,
    post_ready boolean default false,
    hook text,
    key_points text[],
    target_audience text,
    content_type text,
    content_pillar text,
    relevance_score integer,
    source_quote text,
    status text default 'extracted',
    composite_score numeric,
    last_surfaced_at timestamptz,
    similarity_hash text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_profile_id uuid references public.team_profiles (id) on delete set null
);
comment on table public.cp_content_ideas is 'Post-worthy ideas from transcripts';
create index on public.cp_content_ideas (team_profile_id);
create index on public.cp_content_ideas (transcript_id);
create index on public.cp_content_ideas (user_id);
call platform.maintain_updated_at('cp_content_ideas');

create table public.cp_edit_history (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null references public.teams (id) on delete restrict,
    profile_id uuid references public.team_profiles (id) on delete set null,
    content_type text not null,
    content_id uuid not null,
    field_name text not null,
    original_text text not null,
    edited_text text not null,
    edit_diff jsonb default '{}'::jsonb,
    edit_tags text[] default '{}'::text[],
    ceo_note text,
    auto_classified_changes jsonb default '{}'::jsonb,
    processed boolean not null default false,
    created_at timestamptz not null default now()
);
comment on table public.cp_edit_history is 'Edit tracking for style learning';
create index on public.cp_edit_history (team_id);
create index on public.cp_edit_history (profile_id);

create table public.cp_inspiration_sources (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source_type text not null,
    source_value text not null,
    is_active boolean default true,
    priority integer default 3,
    last_pulled_at timestamptz,
    created_at timestamptz default now()
);
comment on table public.cp_inspiration_sources is 'DESCRIBE';
create index on public.cp_inspiration_sources (user_id);

create table public.cp_inspiration_pulls (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source_id uuid references public.cp_inspiration_sources (id) on delete set null,
    content_type text not null default 'post',
    title text,
    content_preview text,
    source_url text,
    platform text default 'linkedin',
    author_name text,
    author_url text,
    engagement_metrics jsonb default '{}'::jsonb,
    ai_analysis jsonb default '{}'::jsonb,
    pulled_at timestamptz default now(),
    saved_to_swipe_file boolean default false,
    dismissed boolean default false,
    created_at timestamptz default now()
);
comment on table public.cp_inspiration_pulls is 'DESCRIBE';
create index on public.cp_inspiration_pulls (source_id);
create index on public.cp_inspiration_pulls (user_id);

create table public.cp_knowledge_entries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    transcript_id uuid references public.cp_call_transcripts (id) on delete set null,
    category text not null,
    speaker text not null,
    content text not null,
    context text,
    tags text[] default '{}'::text[],
    transcript_type text,
    embedding vector (1536),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete set null,
    source_profile_id uuid references public.team_profiles (id) on delete set null,
    speaker_company text,
    knowledge_type text,
    topics text[] default '{}'::text[],
    quality_score integer,
    specificity boolean default false,
    actionability text,
    superseded_by uuid references public.cp_knowledge_entries (id) on delete set null,
    source_date date
);
comment on table public.cp_knowledge_entries is 'AI-extracted insights with pgvector';
create index on public.cp_knowledge_entries (team_id);
create index on public.cp_knowledge_entries (source_profile_id);
create index on public.cp_knowledge_entries (transcript_id);
create index on public.cp_knowledge_entries (user_id);
create index on public.cp_knowledge_entries (superseded_by);
call platform.maintain_updated_at('cp_knowledge_entries');

create table public.cp_knowledge_corroborations (
    id uuid primary key default gen_random_uuid(),
    entry_id uuid not null references public.cp_knowledge_entries (id) on delete restrict,
    corroborated_by uuid not null references public.cp_knowledge_entries (id) on delete restrict,
    created_at timestamptz not null default now()
);
comment on table public.cp_knowledge_corroborations is 'Links between corroborating entries';
create index on public.cp_knowledge_corroborations (corroborated_by);
create index on public.cp_knowledge_corroborations (entry_id);

create table public.cp_playbook_sync_runs (
    id uuid primary key default gen_random_uuid(),
    run_at timestamptz not null default now(),
    entries_processed integer not null default 0,
    entries_enriched integer not null default 0,
    entries_redundant integer not null default 0,
    entries_orphaned integer not null default 0,
    sops_enriched text[] default '{}'::text[],
    sops_created text[] default '{}'::text[],
    commit_sha text,
    commit_message text,
    status text not null default 'running',
    error_log text,
    created_at timestamptz default now()
);
comment on table public.cp_playbook_sync_runs is 'Playbook sync history';

create table public.cp_knowledge_sop_matches (
    id uuid primary key default gen_random_uuid(),
    knowledge_entry_id uuid not null references public.cp_knowledge_entries (id) on delete restrict,
    sop_file_path text,
    similarity_score double precision,
    action text not null,
    edit_summary text,
    sync_run_id uuid not null references public.cp_playbook_sync_runs (id) on delete restrict,
    created_at timestamptz default now()
);
comment on table public.cp_knowledge_sop_matches is 'Knowledge → SOP mapping';
create index on public.cp_knowledge_sop_matches (knowledge_entry_id);
create index on public.cp_knowledge_sop_matches (sync_run_id);

create table public.cp_tag_clusters (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    description text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.cp_tag_clusters is 'DESCRIBE';
create index on public.cp_tag_clusters (user_id);
call platform.maintain_updated_at('cp_tag_clusters');

create table public.cp_knowledge_tags (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    tag_name text not null,
    usage_count integer not null default 0,
    created_at timestamptz not null default now(),
    cluster_id uuid references public.cp_tag_clusters (id) on delete set null,
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.cp_knowledge_tags is 'Tag tracking';
create index on public.cp_knowledge_tags (team_id);
create index on public.cp_knowledge_tags (cluster_id);
create index on public.cp_knowledge_tags (user_id);

create table public.cp_knowledge_topics (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    team_id uuid,
    slug text not null,
    display_name text not null,
    description text,
    entry_count integer not null default 0,
    avg_quality double precision,
    first_seen timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    parent_id uuid references public.cp_knowledge_topics (id) on delete set null,
    created_at timestamptz not null default now(),
    summary text,
    summary_generated_at timestamptz
);
comment on table public.cp_knowledge_topics is 'Auto-discovered topic taxonomy';
create index on public.cp_knowledge_topics (user_id);
create index on public.cp_knowledge_topics (parent_id);

create table public.cp_linkedin_profiles (
    provider_id text not null,
    first_name text,
    last_name text,
    linkedin_url text not null,
    headline text,
    resolved_at timestamptz default now(),
    primary key (/* DECIDE */)
);
comment on table public.cp_linkedin_profiles is 'DESCRIBE';

create table public.cp_monitored_competitors (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    linkedin_profile_url text not null,
    name text,
    headline text,
    heyreach_campaign_id text,
    is_active boolean not null default true,
    last_scraped_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.cp_monitored_competitors is 'Competitor profiles for engagement scraping';
create index on public.cp_monitored_competitors (user_id);
call platform.maintain_updated_at('cp_monitored_competitors');

create table public.cp_performance_patterns (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    pattern_type text not null,
    pattern_value text not null,
    avg_engagement_rate numeric default 0,
    avg_views numeric default 0,
    avg_likes numeric default 0,
    avg_comments numeric default 0,
    sample_count integer default 0,
    confidence text not null default 'low',
    last_updated_at timestamptz default now()
);
comment on table public.cp_performance_patterns is 'DESCRIBE';
create index on public.cp_performance_patterns (user_id);

create table public.cp_writing_styles (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    description text,
    source_linkedin_url text,
    source_posts_analyzed integer default 0,
    style_profile jsonb not null default '{}'::jsonb,
    example_posts text[],
    embedding vector (1536),
    is_active boolean default true,
    last_updated_at timestamptz,
    created_at timestamptz not null default now(),
    team_profile_id uuid references public.team_profiles (id) on delete set null
);
comment on table public.cp_writing_styles is 'User style profiles';
create index on public.cp_writing_styles (team_profile_id);
create index on public.cp_writing_styles (user_id);

create table public.cp_scrape_runs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    target_url text,
    status text not null default 'pending',
    posts_found integer default 0,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.cp_scrape_runs is 'DESCRIBE';
create index on public.cp_scrape_runs (user_id);

create table public.cp_scrape_searches (
    id uuid primary key default gen_random_uuid(),
    query text not null,
    description text,
    post_format_filter text,
    is_active boolean default true,
    created_at timestamptz not null default now()
);
comment on table public.cp_scrape_searches is 'DESCRIBE';

create table public.cp_tracked_creators (
    id uuid primary key default gen_random_uuid(),
    linkedin_url text not null,
    name text,
    headline text,
    avatar_url text,
    avg_engagement double precision default 0,
    post_count integer default 0,
    added_by_user_id uuid not null references public.users (id) on delete restrict,
    is_active boolean default true,
    last_scraped_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.cp_tracked_creators is 'Monitored LinkedIn creators';
create index on public.cp_tracked_creators (added_by_user_id);

create table public.cp_viral_posts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete set null,
    scrape_run_id uuid references public.cp_scrape_runs (id) on delete set null,
    author_name text,
    author_headline text,
    author_url text,
    content text not null,
    likes integer default 0,
    comments integer default 0,
    shares integer default 0,
    views integer default 0,
    percentile_rank numeric,
    extracted_template_id uuid,
    created_at timestamptz not null default now(),
    bright_data_id text,
    engagement_score integer default 0,
    creator_id uuid references public.cp_tracked_creators (id) on delete set null,
    is_winner boolean default false,
    template_extracted boolean default false,
    source_search_id uuid references public.cp_scrape_searches (id) on delete set null,
    is_lead_magnet boolean default false,
    topics text[] default '{}'::text[]
);
comment on table public.cp_viral_posts is 'Scraped viral posts';
create index on public.cp_viral_posts (scrape_run_id);
create index on public.cp_viral_posts (extracted_template_id);
create index on public.cp_viral_posts (source_search_id);
create index on public.cp_viral_posts (creator_id);
create index on public.cp_viral_posts (user_id);

create table public.cp_post_templates (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    category text,
    description text,
    structure text not null,
    example_posts text[],
    use_cases text[],
    tags text[],
    embedding vector (1536),
    usage_count integer default 0,
    avg_engagement_score numeric,
    is_active boolean default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    source text not null default 'user_created',
    is_global boolean not null default false,
    scraped_post_id uuid references public.cp_viral_posts (id) on delete set null
);
comment on table public.cp_post_templates is 'Reusable post templates';
create index on public.cp_post_templates (scraped_post_id);
create index on public.cp_post_templates (user_id);
call platform.maintain_updated_at('cp_post_templates');

create table public.cp_pipeline_posts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    idea_id uuid references public.cp_content_ideas (id) on delete set null,
    draft_content text,
    final_content text,
    dm_template text,
    cta_word text,
    variations jsonb,
    status text default 'draft',
    scheduled_time timestamptz,
    leadshark_post_id text,
    hook_score integer,
    polish_status text default 'pending',
    polish_notes text,
    is_buffer boolean default false,
    buffer_position integer,
    auto_publish_after timestamptz,
    published_at timestamptz,
    engagement_stats jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    template_id uuid references public.cp_post_templates (id) on delete set null,
    style_id uuid references public.cp_writing_styles (id) on delete set null,
    enable_automation boolean default false,
    automation_config jsonb,
    team_profile_id uuid references public.team_profiles (id) on delete set null,
    linkedin_post_id text,
    publish_provider text,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    scrape_engagement boolean default false,
    heyreach_campaign_id text,
    last_engagement_scrape_at timestamptz,
    engagement_scrape_count integer default 0
);
comment on table public.cp_pipeline_posts is 'Posts in autopilot pipeline';
create index on public.cp_pipeline_posts (user_id);
create index on public.cp_pipeline_posts (lead_magnet_id);
create index on public.cp_pipeline_posts (team_profile_id);
create index on public.cp_pipeline_posts (style_id);
create index on public.cp_pipeline_posts (template_id);
create index on public.cp_pipeline_posts (idea_id);
call platform.maintain_updated_at('cp_pipeline_posts');

create table public.cp_pipeline_scrape_runs (
    id uuid primary key default gen_random_uuid(),
    run_type text not null,
    source_id uuid,
    posts_found integer default 0,
    winners_found integer default 0,
    templates_extracted integer default 0,
    started_at timestamptz not null default now(),
    completed_at timestamptz,
    error_log text
);
comment on table public.cp_pipeline_scrape_runs is 'DESCRIBE';

create table public.cp_post_engagements (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    post_id uuid references public.cp_pipeline_posts (id) on delete set null,
    provider_id text not null,
    engagement_type text not null,
    reaction_type text,
    comment_text text,
    first_name text,
    last_name text,
    linkedin_url text,
    heyreach_campaign_id text,
    heyreach_pushed_at timestamptz,
    heyreach_error text,
    engaged_at timestamptz,
    created_at timestamptz default now(),
    source text not null default 'own_post',
    source_post_url text,
    competitor_id uuid references public.cp_monitored_competitors (id) on delete set null,
    subtitle text
);
comment on table public.cp_post_engagements is 'LinkedIn post engagers';
create index on public.cp_post_engagements (user_id);
create index on public.cp_post_engagements (post_id);
create index on public.cp_post_engagements (competitor_id);

create table public.cp_post_performance (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    post_id uuid references public.cp_pipeline_posts (id) on delete set null,
    platform text not null default 'linkedin',
    views integer default 0,
    likes integer default 0,
    comments integer default 0,
    shares integer default 0,
    saves integer default 0,
    clicks integer default 0,
    impressions integer default 0,
    engagement_rate numeric default 0,
    captured_at timestamptz not null default now(),
    created_at timestamptz default now()
);
comment on table public.cp_post_performance is 'DESCRIBE';
create index on public.cp_post_performance (user_id);
create index on public.cp_post_performance (post_id);

create table public.cp_posting_slots (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    slot_number integer not null,
    time_of_day time not null,
    day_of_week integer,
    timezone text default 'America/New_York',
    is_active boolean default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_profile_id uuid references public.team_profiles (id) on delete set null
);
comment on table public.cp_posting_slots is 'Publishing schedule';
create index on public.cp_posting_slots (team_profile_id);
create index on public.cp_posting_slots (user_id);
call platform.maintain_updated_at('cp_posting_slots');

create table public.cp_sop_embeddings (
    id uuid primary key default gen_random_uuid(),
    file_path text not null,
    content_hash text not null,
    embedding vector (1536),
    title text,
    module text,
    updated_at timestamptz default now()
);
comment on table public.cp_sop_embeddings is 'SOP embeddings for knowledge matching';
call platform.maintain_updated_at('cp_sop_embeddings');

create table public.cp_week_plans (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    week_start_date date not null,
    posts_per_week integer not null default 5,
    pillar_moments_pct integer not null default 25,
    pillar_teaching_pct integer not null default 25,
    pillar_human_pct integer not null default 25,
    pillar_collab_pct integer not null default 25,
    planned_posts jsonb not null default '[]'::jsonb,
    status text not null default 'draft',
    generation_notes text,
    approved_at timestamptz,
    approved_by text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.cp_week_plans is 'Weekly content planning';
create index on public.cp_week_plans (user_id);
call platform.maintain_updated_at('cp_week_plans');

create table public.linkedin_automations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    post_id uuid references public.cp_pipeline_posts (id) on delete set null,
    post_social_id text,
    keywords text[] default '{}'::text[],
    dm_template text,
    auto_connect boolean default false,
    auto_like boolean default false,
    comment_reply_template text,
    enable_follow_up boolean default false,
    follow_up_template text,
    follow_up_delay_minutes integer default 1440,
    status text not null default 'draft',
    unipile_account_id text,
    leads_captured integer default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    heyreach_campaign_id text,
    resource_url text
);
comment on table public.linkedin_automations is 'DESCRIBE';
create index on public.linkedin_automations (user_id);
create index on public.linkedin_automations (post_id);
call platform.maintain_updated_at('linkedin_automations');

create table public.linkedin_automation_events (
    id uuid primary key default gen_random_uuid(),
    automation_id uuid not null references public.linkedin_automations (id) on delete restrict,
    event_type text not null,
    commenter_name text,
    commenter_provider_id text,
    commenter_linkedin_url text,
    comment_text text,
    action_details text,
    error text,
    created_at timestamptz not null default now()
);
comment on table public.linkedin_automation_events is 'DESCRIBE';
create index on public.linkedin_automation_events (automation_id);

create table public.playbook_learnings (
    id uuid primary key default gen_random_uuid(),
    raw_text text not null,
    engagement_ref text,
    learning_type text,
    ai_reasoning text,
    targets jsonb not null default '[]'::jsonb,
    commit_urls text[] default '{}'::text[],
    status text not null default 'pending',
    submitted_by text,
    error_log text,
    created_at timestamptz not null default now()
);
comment on table public.playbook_learnings is 'DESCRIBE';

alter table public.cp_viral_posts
    add foreign key (extracted_template_id) references public.cp_post_templates (id) on delete set null;

-- Access.

call access.owner('cp_business_context');
call access.written_by('cp_business_context', 'magnetlab', 'content');

call access.owner('cp_call_transcripts');
call access.written_by('cp_call_transcripts', 'magnetlab', 'content');

call access.owner('cp_content_ideas');
call access.written_by('cp_content_ideas', 'magnetlab', 'content');

call access.team('cp_edit_history');
call access.written_by('cp_edit_history', 'magnetlab', 'content');

call access.owner('cp_inspiration_sources');
call access.written_by('cp_inspiration_sources', 'magnetlab', 'content');

call access.owner('cp_inspiration_pulls');
call access.written_by('cp_inspiration_pulls', 'magnetlab', 'content');

call access.owner('cp_knowledge_entries');
call access.written_by('cp_knowledge_entries', 'magnetlab', 'content');

call access.through('cp_knowledge_corroborations', 'corroborated_by', 'cp_knowledge_entries');
call access.written_by('cp_knowledge_corroborations', 'magnetlab', 'content');

call access.service_only('cp_playbook_sync_runs');
call access.written_by('cp_playbook_sync_runs', 'magnetlab', 'content');

call access.through('cp_knowledge_sop_matches', 'knowledge_entry_id', 'cp_knowledge_entries');
call access.written_by('cp_knowledge_sop_matches', 'magnetlab', 'content');

call access.owner('cp_tag_clusters');
call access.written_by('cp_tag_clusters', 'magnetlab', 'content');

call access.owner('cp_knowledge_tags');
call access.written_by('cp_knowledge_tags', 'magnetlab', 'content');

call access.owner('cp_knowledge_topics');
call access.written_by('cp_knowledge_topics', 'magnetlab', 'content');

call access.service_only('cp_linkedin_profiles');
call access.written_by('cp_linkedin_profiles', 'magnetlab', 'content');

call access.owner('cp_monitored_competitors');
call access.written_by('cp_monitored_competitors', 'magnetlab', 'content');

call access.owner('cp_performance_patterns');
call access.written_by('cp_performance_patterns', 'magnetlab', 'content');

call access.owner('cp_writing_styles');
call access.written_by('cp_writing_styles', 'magnetlab', 'content');

call access.owner('cp_scrape_runs');
call access.written_by('cp_scrape_runs', 'magnetlab', 'content');

call access.service_only('cp_scrape_searches');
call access.written_by('cp_scrape_searches', 'magnetlab', 'content');

call access.through('cp_tracked_creators', 'added_by_user_id', 'users');
call access.written_by('cp_tracked_creators', 'magnetlab', 'content');

call access.owner('cp_viral_posts');
call access.written_by('cp_viral_posts', 'magnetlab', 'content');

call access.owner('cp_post_templates');
call access.written_by('cp_post_templates', 'magnetlab', 'content');

call access.owner('cp_pipeline_posts');
call access.written_by('cp_pipeline_posts', 'magnetlab', 'content');

call access.service_only('cp_pipeline_scrape_runs');
call access.written_by('cp_pipeline_scrape_runs', 'magnetlab', 'content');

call access.owner('cp_post_engagements');
call access.written_by('cp_post_engagements', 'magnetlab', 'content');

call access.owner('cp_post_performance');
call access.written_by('cp_post_performance', 'magnetlab', 'content');

call access.owner('cp_posting_slots');
call access.written_by('cp_posting_slots', 'magnetlab', 'content');

call access.service_only('cp_sop_embeddings');
call access.written_by('cp_sop_embeddings', 'magnetlab', 'content');

call access.owner('cp_week_plans');
call access.written_by('cp_week_plans', 'magnetlab', 'content');

call access.owner('linkedin_automations');
call access.written_by('linkedin_automations', 'magnetlab', 'content');

call access.through('linkedin_automation_events', 'automation_id', 'linkedin_automations');
call access.written_by('linkedin_automation_events', 'magnetlab', 'content');

call access.service_only('playbook_learnings');
call access.written_by('playbook_learnings', 'magnetlab', 'content');
