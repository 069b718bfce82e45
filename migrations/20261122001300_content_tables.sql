-- Calls become knowledge and ideas, ideas become posts in a person's voice, posts are planned, published
-- and measured, and what people edit teaches the next draft.

-- Two rules that only this domain needs, beside those of access.

create function access.team_profile_ids() returns uuid[]
language sql stable security definer
set search_path = ''
as $$
    select array(
        select p.id from public.team_profiles as p
        where p.team_id = any ((select access.team_ids())::uuid[])
    )
$$;
comment on function access.team_profile_ids() is
    'Everybody in the teams that the acting user owns or belongs to';

insert into access.definer_functions (function_name, reason) values
    ('access.team_profile_ids', 'Answers the caller''s own teams; team_profiles is itself under its rule');

grant execute on function access.team_profile_ids() to authenticated, service_role, svc_magnetlab;

-- As access.owner, for rows that reach the team through the person in whose voice they are written.
create procedure access.persona(
    target text,
    profile_column text default 'team_profile_id',
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    mine constant text := '{row}.user_id = (select auth.uid())';
    ours text := pg_catalog.format(
        '{row}.%I = any ((select access.team_profile_ids())::uuid[])', profile_column);
begin
    execute pg_catalog.format(
        'create or replace trigger keep_owner before update of user_id on public.%I for each row '
        'when (old.user_id is distinct from new.user_id) execute function access.refuse_new_owner(%L)',
        target, 'user_id');
    call access.set_scope(
        target, 'owner', 'user_id, ' || profile_column,
        pg_catalog.format('(%s and {row}.%I is null) or %s', mine, profile_column, ours),
        pg_catalog.format('%s and ({row}.%I is null or %s)', mine, profile_column, ours),
        0, commands);
end
$$;
comment on procedure access.persona(text, text, text[]) is
    'The row belongs to a person, or to the team of the profile it names';

create procedure access.shared(target text, condition text, reason text)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], array['select'], 'member',
        '(' || condition || ') and (select auth.uid()) is not null', null, reason);
end
$$;
comment on procedure access.shared(text, text, text) is
    'Adds every account (not students, not portal clients), for rows that the installation shares';

-- Calls.

create table public.cp_call_transcripts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source text not null,
    external_id text,
    title text,
    call_date timestamptz,
    duration_minutes integer check (duration_minutes >= 0),
    participants text[],
    raw_transcript text not null,
    summary text,
    extracted_topics text[],
    transcript_type text check (transcript_type in (
        'coaching', 'sales', 'external', 'blueprint_analysis', 'dfy_content_call', 'interview', 'webinar',
        'other')),
    ideas_extracted_at timestamptz,
    knowledge_extracted_at timestamptz,
    created_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete set null,
    speaker_profile_id uuid references public.team_profiles (id) on delete set null,
    speaker_map jsonb,
    processing_error text,
    unique (user_id, external_id)
);
comment on table public.cp_call_transcripts is 'One recorded conversation, word for word';
comment on column public.cp_call_transcripts.source is
    'grain, fireflies, fathom, paste, upload, manual, other, or the label that a webhook sent';
comment on column public.cp_call_transcripts.external_id is '<source>:<id at the recorder>';
comment on column public.cp_call_transcripts.knowledge_extracted_at is
    'Set with ideas_extracted_at when the stage succeeded: neither is queued, both is done';
comment on column public.cp_call_transcripts.speaker_map is
    '{name: {"role": host, client, guest or unknown, "company"}}';
comment on column public.cp_call_transcripts.processing_error is
    'Why the last try failed, for the person; null after a success';
create index on public.cp_call_transcripts (user_id, created_at desc);
create index on public.cp_call_transcripts (team_id, created_at desc);
create index on public.cp_call_transcripts (speaker_profile_id);
create index cp_call_transcripts_queue_idx on public.cp_call_transcripts (created_at)
where knowledge_extracted_at is null or ideas_extracted_at is null;

create table public.cp_transcript_webhooks (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    team_id uuid references public.teams (id) on delete cascade,
    source text not null check (source in ('grain', 'fireflies', 'fathom', 'universal')),
    secret_hash text not null unique,
    secret_suffix text not null check (char_length(secret_suffix) = 4),
    speaker_profile_id uuid references public.team_profiles (id) on delete set null,
    is_active boolean not null default true,
    last_delivery_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.cp_transcript_webhooks is 'Where a recorder of one account sends its calls';
comment on column public.cp_transcript_webhooks.secret_hash is 'SHA-256 of the secret, in hexadecimal';
comment on column public.cp_transcript_webhooks.secret_suffix is 'The last four characters, for display';
comment on column public.cp_transcript_webhooks.speaker_profile_id is
    'Whose calls these are, if always one person''s';
create index on public.cp_transcript_webhooks (user_id);
create index on public.cp_transcript_webhooks (team_id);
create index on public.cp_transcript_webhooks (speaker_profile_id);

create table public.cp_transcript_deliveries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    webhook_id uuid references public.cp_transcript_webhooks (id) on delete set null,
    idempotency_key text not null,
    payload jsonb not null,
    outcome text check (outcome in ('stored', 'duplicate', 'skipped', 'failed')),
    detail text,
    transcript_id uuid references public.cp_call_transcripts (id) on delete set null,
    received_at timestamptz not null default now(),
    unique (user_id, idempotency_key)
);
comment on table public.cp_transcript_deliveries is 'Every call that a recorder sent, and what became of it';
comment on column public.cp_transcript_deliveries.payload is 'The body as it came';
comment on column public.cp_transcript_deliveries.outcome is 'Null until it was worked on';
comment on column public.cp_transcript_deliveries.detail is 'Why it was skipped or failed';
create index on public.cp_transcript_deliveries (user_id, received_at desc);
create index on public.cp_transcript_deliveries (webhook_id);
create index on public.cp_transcript_deliveries (transcript_id);

-- Knowledge. Vectors of two models are never compared, so each carries the name of its model.

create table public.cp_knowledge_entries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    transcript_id uuid references public.cp_call_transcripts (id) on delete set null,
    category text not null check (category in ('insight', 'question', 'product_intel')),
    speaker text not null check (speaker in ('host', 'participant', 'unknown')),
    content text not null,
    context text,
    tags text[] default '{}'::text[],
    transcript_type text check (transcript_type in (
        'coaching', 'sales', 'external', 'blueprint_analysis', 'dfy_content_call', 'interview', 'webinar',
        'other')),
    embedding vector (1536),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete set null,
    source_profile_id uuid references public.team_profiles (id) on delete set null,
    speaker_company text,
    knowledge_type text check (knowledge_type in (
        'how_to', 'insight', 'story', 'question', 'objection', 'mistake', 'decision', 'market_intel')),
    topics text[] default '{}'::text[],
    quality_score integer check (quality_score between 1 and 5),
    specificity boolean default false,
    actionability text
        check (actionability in ('immediately_actionable', 'contextual', 'theoretical')),
    superseded_by uuid references public.cp_knowledge_entries (id) on delete set null,
    source_date date,
    embedding_model text not null default 'text-embedding-3-small',
    check (superseded_by <> id)
);
comment on table public.cp_knowledge_entries is 'One insight that stands on its own, found by meaning';
comment on column public.cp_knowledge_entries.category is
    'Follows from knowledge_type: question and objection are questions, market_intel is product_intel';
comment on column public.cp_knowledge_entries.tags is 'Free words, lower case';
comment on column public.cp_knowledge_entries.topics is 'Slugs of cp_knowledge_topics';
comment on column public.cp_knowledge_entries.quality_score is
    '5 is specific, actionable, concrete and new; 1 is filler';
comment on column public.cp_knowledge_entries.specificity is
    'It names numbers, people, times or examples';
comment on column public.cp_knowledge_entries.superseded_by is
    'The newer entry that says the same; a superseded one shows nowhere';
comment on column public.cp_knowledge_entries.source_date is 'The day of the call';
comment on column public.cp_knowledge_entries.embedding_model is
    'The model that made the embedding; earlier clients, which name none, use the one of the default';
create index on public.cp_knowledge_entries (user_id, created_at desc);
create index on public.cp_knowledge_entries (team_id, created_at desc);
create index on public.cp_knowledge_entries (source_profile_id);
create index on public.cp_knowledge_entries (transcript_id);
create index on public.cp_knowledge_entries (superseded_by);
create index on public.cp_knowledge_entries using gin (tags);
create index on public.cp_knowledge_entries using gin (topics);
create index cp_knowledge_entries_embedding_idx on public.cp_knowledge_entries
using hnsw ((subvector(embedding, 1, 256)::vector(256)) vector_cosine_ops)
with (m = 16, ef_construction = 64);
call platform.maintain_updated_at('cp_knowledge_entries');

create table public.cp_knowledge_corroborations (
    id uuid primary key default gen_random_uuid(),
    entry_id uuid not null references public.cp_knowledge_entries (id) on delete cascade,
    corroborated_by uuid not null references public.cp_knowledge_entries (id) on delete cascade,
    created_at timestamptz not null default now(),
    unique (entry_id, corroborated_by),
    check (entry_id <> corroborated_by)
);
comment on table public.cp_knowledge_corroborations is 'An entry that somebody else said again';
create index on public.cp_knowledge_corroborations (corroborated_by);

create table public.cp_tag_clusters (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null,
    description text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, name)
);
comment on table public.cp_tag_clusters is 'Tags that belong together, under one name';
call platform.maintain_updated_at('cp_tag_clusters');

create table public.cp_knowledge_tags (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    tag_name text not null,
    usage_count integer not null default 0 check (usage_count >= 0),
    created_at timestamptz not null default now(),
    cluster_id uuid references public.cp_tag_clusters (id) on delete set null,
    team_id uuid references public.teams (id) on delete set null,
    unique (user_id, tag_name)
);
comment on table public.cp_knowledge_tags is 'A tag, and how many entries carry it';
create index on public.cp_knowledge_tags (user_id, usage_count desc);
create index on public.cp_knowledge_tags (team_id);
create index on public.cp_knowledge_tags (cluster_id);

create table public.cp_knowledge_topics (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    team_id uuid references public.teams (id) on delete set null,
    slug text not null,
    display_name text not null,
    description text,
    entry_count integer not null default 0 check (entry_count >= 0),
    avg_quality double precision,
    first_seen timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    parent_id uuid references public.cp_knowledge_topics (id) on delete set null,
    created_at timestamptz not null default now(),
    summary text,
    summary_generated_at timestamptz,
    unique (user_id, slug),
    check (parent_id <> id)
);
comment on table public.cp_knowledge_topics is 'A subject that the entries are about, found as they came in';
comment on column public.cp_knowledge_topics.last_seen is 'When its newest entry came';
comment on column public.cp_knowledge_topics.summary is 'Made again once last_seen is later than it';
create index on public.cp_knowledge_topics (user_id, entry_count desc);
create index on public.cp_knowledge_topics (team_id);
create index on public.cp_knowledge_topics (parent_id);

-- The playbook: knowledge flows into the operating procedures of one Git repository.

create table public.cp_sop_embeddings (
    id uuid primary key default gen_random_uuid(),
    file_path text not null unique,
    content_hash text not null,
    embedding vector (1536),
    title text,
    module text,
    updated_at timestamptz default now(),
    embedding_model text not null default 'text-embedding-3-small'
);
comment on table public.cp_sop_embeddings is 'A file of the playbook as it was last read';
comment on column public.cp_sop_embeddings.content_hash is 'SHA-256 of the file, in hexadecimal';
comment on column public.cp_sop_embeddings.embedding_model is
    'The model that made the embedding; earlier clients, which name none, use the one of the default';
create index cp_sop_embeddings_embedding_idx on public.cp_sop_embeddings
using hnsw ((subvector(embedding, 1, 256)::vector(256)) vector_cosine_ops)
with (m = 16, ef_construction = 64);
call platform.maintain_updated_at('cp_sop_embeddings');

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
    status text not null default 'running'
        check (status in ('running', 'success', 'partial', 'failed')),
    error_log text,
    created_at timestamptz default now()
);
comment on table public.cp_playbook_sync_runs is 'One pass that carried new knowledge into the playbook';
comment on column public.cp_playbook_sync_runs.sops_enriched is 'Paths of the files';
create index on public.cp_playbook_sync_runs (run_at desc);
call access.state_machine('cp_playbook_sync_runs', 'status', '{
    "running": ["success", "partial", "failed"]
}');

create table public.cp_knowledge_sop_matches (
    id uuid primary key default gen_random_uuid(),
    knowledge_entry_id uuid not null references public.cp_knowledge_entries (id) on delete cascade,
    sop_file_path text,
    similarity_score double precision,
    action text not null check (action in (
        'enrich', 'redundant', 'tangential', 'orphaned', 'new_sop', 'deferred', 'reference', 'faq')),
    edit_summary text,
    sync_run_id uuid not null references public.cp_playbook_sync_runs (id) on delete cascade,
    created_at timestamptz default now()
);
comment on table public.cp_knowledge_sop_matches is 'What a sync did with an entry, and in which file';
create index on public.cp_knowledge_sop_matches (knowledge_entry_id);
create index on public.cp_knowledge_sop_matches (sync_run_id);
create index on public.cp_knowledge_sop_matches (action, created_at);

create table public.playbook_learnings (
    id uuid primary key default gen_random_uuid(),
    raw_text text not null,
    engagement_ref text,
    learning_type text,
    ai_reasoning text,
    targets jsonb not null default '[]'::jsonb,
    commit_urls text[] default '{}'::text[],
    status text not null default 'pending'
        check (status in ('pending', 'processing', 'completed', 'rejected', 'failed')),
    submitted_by text,
    error_log text,
    created_at timestamptz not null default now()
);
comment on table public.playbook_learnings is 'A lesson that somebody handed in for the playbook';
comment on column public.playbook_learnings.targets is 'The files it belongs in, as a list';
comment on column public.playbook_learnings.learning_type is
    'The sort of lesson, in the words of whoever read it';
create index on public.playbook_learnings (status, created_at);
call access.state_machine('playbook_learnings', 'status', '{
    "pending": ["processing", "rejected", "failed"],
    "processing": ["completed", "rejected", "failed", "pending"],
    "failed": ["pending"]
}');

-- Ideas.

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
    content_type text check (content_type in (
        'story', 'insight', 'tip', 'framework', 'case_study', 'question', 'listicle', 'contrarian',
        'lead_magnet')),
    content_pillar text check (content_pillar in (
        'moments_that_matter', 'teaching_promotion', 'human_personal', 'collaboration_social_proof')),
    relevance_score integer check (relevance_score between 1 and 10),
    source_quote text,
    status text not null default 'extracted' check (status in (
        'extracted', 'selected', 'writing', 'written', 'scheduled', 'published', 'archived')),
    composite_score numeric check (composite_score between 0 and 10),
    last_surfaced_at timestamptz,
    similarity_hash text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_profile_id uuid references public.team_profiles (id) on delete set null
);
comment on table public.cp_content_ideas is 'Something worth a post, with what a writer needs to know';
comment on column public.cp_content_ideas.relevance_score is '1 to 10, by the extractor';
comment on column public.cp_content_ideas.composite_score is
    '0 to 10: relevance, freshness, balance of the pillars, strength of the hook';
comment on column public.cp_content_ideas.similarity_hash is 'Equal for ideas that say the same';
create index on public.cp_content_ideas (user_id, status, created_at desc);
create index on public.cp_content_ideas (team_profile_id, status, created_at desc);
create index on public.cp_content_ideas (user_id, similarity_hash);
create index on public.cp_content_ideas (transcript_id);
call platform.maintain_updated_at('cp_content_ideas');
call access.state_machine('cp_content_ideas', 'status', '{
    "extracted": ["selected", "writing", "archived"],
    "selected": ["extracted", "writing", "archived"],
    "writing": ["written", "extracted", "archived"],
    "written": ["scheduled", "published", "writing", "extracted", "archived"],
    "scheduled": ["published", "written", "archived"],
    "published": ["archived"],
    "archived": ["extracted"]
}');

-- The library: what works for others, and the templates made of it.

create table public.cp_scrape_runs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    target_url text,
    status text not null default 'pending'
        check (status in ('pending', 'running', 'completed', 'failed')),
    posts_found integer default 0,
    error_message text,
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null default now()
);
comment on table public.cp_scrape_runs is 'An import of posts that a person asked for';
create index on public.cp_scrape_runs (user_id, created_at desc);
call access.state_machine('cp_scrape_runs', 'status', '{
    "pending": ["running", "failed"],
    "running": ["completed", "failed", "pending"],
    "failed": ["pending"]
}');

create table public.cp_pipeline_scrape_runs (
    id uuid primary key default gen_random_uuid(),
    run_type text not null check (run_type in ('creator', 'search', 'extraction')),
    source_id uuid,
    posts_found integer default 0,
    winners_found integer default 0,
    templates_extracted integer default 0,
    started_at timestamptz not null default now(),
    completed_at timestamptz,
    error_log text
);
comment on table public.cp_pipeline_scrape_runs is 'A nightly pass that fills the shared library';
comment on column public.cp_pipeline_scrape_runs.source_id is
    'The creator or the search, by run_type; none for an extraction';
create index on public.cp_pipeline_scrape_runs (run_type, started_at desc);

create table public.cp_scrape_searches (
    id uuid primary key default gen_random_uuid(),
    query text not null,
    description text,
    post_format_filter text,
    is_active boolean default true,
    created_at timestamptz not null default now()
);
comment on table public.cp_scrape_searches is 'A search that administrators run for the shared library';

create table public.cp_tracked_creators (
    id uuid primary key default gen_random_uuid(),
    linkedin_url text not null unique,
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
comment on table public.cp_tracked_creators is 'A LinkedIn author whose posts the library follows';
create index on public.cp_tracked_creators (added_by_user_id);
create index cp_tracked_creators_due_idx on public.cp_tracked_creators (last_scraped_at nulls first)
where is_active;

create table public.cp_viral_posts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete restrict,
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
    bright_data_id text unique,
    engagement_score integer default 0,
    creator_id uuid references public.cp_tracked_creators (id) on delete set null,
    is_winner boolean default false,
    template_extracted boolean default false,
    source_search_id uuid references public.cp_scrape_searches (id) on delete set null,
    is_lead_magnet boolean default false,
    topics text[] default '{}'::text[]
);
comment on table public.cp_viral_posts is 'A post of somebody else that did well';
comment on column public.cp_viral_posts.user_id is 'Who imported it; null for the shared library';
comment on column public.cp_viral_posts.bright_data_id is 'The address of the post';
comment on column public.cp_viral_posts.engagement_score is 'likes + 3 × comments + 2 × shares';
comment on column public.cp_viral_posts.is_winner is
    'At least 100 likes, and among the best 30 % of its creator';
comment on column public.cp_viral_posts.is_lead_magnet is 'It asks for a comment or a message';
comment on column public.cp_viral_posts.topics is 'Of the fifteen labels in the registry of prompts';
create index on public.cp_viral_posts (user_id, engagement_score desc);
create index on public.cp_viral_posts (creator_id, engagement_score desc);
create index on public.cp_viral_posts (scrape_run_id);
create index on public.cp_viral_posts (source_search_id);
create index on public.cp_viral_posts (extracted_template_id);
create index cp_viral_posts_extract_idx on public.cp_viral_posts (engagement_score desc)
where is_winner and not template_extracted;

create table public.cp_post_templates (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete restrict,
    name text not null,
    category text check (category in (
        'story', 'framework', 'listicle', 'contrarian', 'case_study', 'question', 'educational',
        'motivational')),
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
    source text not null default 'user_created' check (source in ('user_created', 'scraped')),
    is_global boolean not null default false,
    scraped_post_id uuid references public.cp_viral_posts (id) on delete set null,
    embedding_model text not null default 'text-embedding-3-small',
    constraint cp_post_templates_owner_check check (user_id is not null or is_global)
);
comment on table public.cp_post_templates is 'The bones of a post, to be filled with somebody''s idea';
comment on column public.cp_post_templates.user_id is 'Null for a global template that nobody made';
comment on column public.cp_post_templates.structure is 'Text with [PLACEHOLDERS]';
comment on column public.cp_post_templates.avg_engagement_score is
    'Of posts written with it in 90 days, newer ones weighing more';
comment on column public.cp_post_templates.is_global is 'Every account may use it';
comment on column public.cp_post_templates.embedding_model is
    'The model that made the embedding; earlier clients, which name none, use the one of the default';
create index on public.cp_post_templates (user_id, created_at desc);
create index on public.cp_post_templates (scraped_post_id);
create index cp_post_templates_global_idx on public.cp_post_templates (created_at desc) where is_global;
create index cp_post_templates_embedding_idx on public.cp_post_templates
using hnsw ((subvector(embedding, 1, 256)::vector(256)) vector_cosine_ops)
with (m = 16, ef_construction = 64);
call platform.maintain_updated_at('cp_post_templates');

alter table public.cp_viral_posts
    add foreign key (extracted_template_id) references public.cp_post_templates (id) on delete set null;

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
    team_profile_id uuid references public.team_profiles (id) on delete set null,
    embedding_model text not null default 'text-embedding-3-small'
);
comment on table public.cp_writing_styles is 'How somebody writes, taken from their posts';
comment on column public.cp_writing_styles.style_profile is
    'tone, sentence_length, vocabulary, formatting, hook_patterns, cta_patterns, banned_phrases, '
    'signature_phrases';
comment on column public.cp_writing_styles.embedding is 'Kept for earlier clients; nothing searches it';
create index on public.cp_writing_styles (user_id, created_at desc);
create index on public.cp_writing_styles (team_profile_id);

create table public.cp_inspiration_sources (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source_type text not null
        check (source_type in ('creator', 'search_term', 'hashtag', 'competitor')),
    source_value text not null,
    is_active boolean default true,
    priority integer default 3 check (priority between 1 and 5),
    last_pulled_at timestamptz,
    created_at timestamptz default now(),
    unique (user_id, source_type, source_value)
);
comment on table public.cp_inspiration_sources is 'Where an account looks for inspiration every morning';

create table public.cp_inspiration_pulls (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    source_id uuid references public.cp_inspiration_sources (id) on delete set null,
    content_type text not null default 'post'
        check (content_type in ('post', 'lead_magnet', 'funnel', 'article')),
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
    created_at timestamptz default now(),
    unique (user_id, source_url)
);
comment on table public.cp_inspiration_pulls is 'A find of the morning, with what makes it work';
comment on column public.cp_inspiration_pulls.ai_analysis is
    'hook_type, format, topic, what_makes_it_work, suggested_adaptation, estimated_quality (1 to 10)';
create index on public.cp_inspiration_pulls (user_id, pulled_at desc);
create index on public.cp_inspiration_pulls (source_id);

-- Posts.

create table public.cp_pipeline_posts (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    idea_id uuid references public.cp_content_ideas (id) on delete set null,
    draft_content text,
    final_content text,
    dm_template text,
    cta_word text,
    variations jsonb,
    status text not null default 'draft'
        check (status in ('draft', 'reviewing', 'approved', 'scheduled', 'published', 'failed')),
    scheduled_time timestamptz,
    leadshark_post_id text,
    hook_score integer check (hook_score between 1 and 10),
    polish_status text default 'pending'
        check (polish_status in ('pending', 'polished', 'flagged', 'skipped')),
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
    linkedin_post_id text check (linkedin_post_id <> ''),
    publish_provider text,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    scrape_engagement boolean default false,
    heyreach_campaign_id text check (heyreach_campaign_id ~ '^[0-9]+$'),
    last_engagement_scrape_at timestamptz,
    engagement_scrape_count integer default 0,
    constraint cp_pipeline_posts_scheduled_check check (status <> 'scheduled' or scheduled_time is not null),
    constraint cp_pipeline_posts_published_check check (status <> 'published' or published_at is not null),
    -- One reserve queue per person; checked at the end of a statement, so that one may move all.
    constraint cp_pipeline_posts_buffer_key exclude using btree (
        coalesce(team_profile_id, user_id) with =, buffer_position with =
    ) where (is_buffer and buffer_position is not null) deferrable initially immediate
);
comment on table public.cp_pipeline_posts is 'A LinkedIn post from first draft to its results';
comment on column public.cp_pipeline_posts.draft_content is 'As the AI wrote it';
comment on column public.cp_pipeline_posts.final_content is
    'Polished or edited; published in place of the draft';
comment on column public.cp_pipeline_posts.dm_template is
    'The message for who comments, up to 200 characters, with {first_name} and [LINK]';
comment on column public.cp_pipeline_posts.cta_word is 'The word to comment';
comment on column public.cp_pipeline_posts.variations is '[{"id", "content", "hook_type", "selected"}]';
comment on column public.cp_pipeline_posts.leadshark_post_id is 'The id at an earlier publisher';
comment on column public.cp_pipeline_posts.auto_publish_after is
    'An approved post schedules itself once this has passed';
comment on column public.cp_pipeline_posts.engagement_stats is
    '{"views", "likes", "comments", "shares", "captured_at"}';
comment on column public.cp_pipeline_posts.linkedin_post_id is 'The canonical id, urn:li:activity:…';
create index on public.cp_pipeline_posts (user_id, status, created_at desc);
create index on public.cp_pipeline_posts (team_profile_id, status, created_at desc);
create index on public.cp_pipeline_posts (user_id, scheduled_time);
create index on public.cp_pipeline_posts (idea_id);
create index on public.cp_pipeline_posts (template_id);
create index on public.cp_pipeline_posts (style_id);
create index on public.cp_pipeline_posts (lead_magnet_id);
create index on public.cp_pipeline_posts (linkedin_post_id);
create index cp_pipeline_posts_due_idx on public.cp_pipeline_posts (scheduled_time)
where status = 'scheduled';
create index cp_pipeline_posts_auto_publish_idx on public.cp_pipeline_posts (auto_publish_after)
where status = 'approved';
create index cp_pipeline_posts_engagement_idx on public.cp_pipeline_posts
    (last_engagement_scrape_at nulls first)
where scrape_engagement and status = 'published';
call platform.maintain_updated_at('cp_pipeline_posts');
call access.state_machine('cp_pipeline_posts', 'status', '{
    "draft": ["reviewing", "approved", "scheduled", "published", "failed"],
    "reviewing": ["draft", "approved", "scheduled", "published", "failed"],
    "approved": ["draft", "reviewing", "scheduled", "published", "failed"],
    "scheduled": ["draft", "approved", "published", "failed"],
    "failed": ["draft", "approved", "scheduled", "published"]
}');

create table public.cp_publish_attempts (
    id uuid primary key default gen_random_uuid(),
    post_id uuid not null references public.cp_pipeline_posts (id) on delete cascade,
    started_at timestamptz not null default now(),
    lease_until timestamptz not null,
    finished_at timestamptz,
    outcome text check (outcome in ('published', 'failed', 'unknown')),
    provider text,
    provider_post_id text check (provider_post_id <> ''),
    error text,
    check ((finished_at is null) = (outcome is null))
);
comment on table public.cp_publish_attempts is
    'A try to publish a post; the open one is the claim on it, so that a post goes out once';
comment on column public.cp_publish_attempts.lease_until is
    'After this an open attempt counts as broken off: unknown, for a person to look at';
create index on public.cp_publish_attempts (post_id, started_at desc);
create unique index cp_publish_attempts_open_key on public.cp_publish_attempts (post_id)
where finished_at is null;
create index cp_publish_attempts_lease_idx on public.cp_publish_attempts (lease_until)
where finished_at is null;

create table public.cp_posting_slots (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    slot_number integer not null check (slot_number between 1 and 5),
    time_of_day time not null,
    day_of_week integer check (day_of_week between 0 and 6),
    timezone text default 'America/New_York',
    is_active boolean default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    team_profile_id uuid references public.team_profiles (id) on delete set null,
    constraint cp_posting_slots_number_key
        unique nulls not distinct (user_id, team_profile_id, slot_number)
);
comment on table public.cp_posting_slots is 'A time of the week at which a person publishes';
comment on column public.cp_posting_slots.time_of_day is 'In the slot''s time zone';
comment on column public.cp_posting_slots.day_of_week is '0 is Sunday; null is every day';
comment on column public.cp_posting_slots.timezone is 'A name of the IANA database';
create index on public.cp_posting_slots (team_profile_id);
call platform.maintain_updated_at('cp_posting_slots');

create table public.cp_week_plans (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    week_start_date date not null,
    posts_per_week integer not null default 5 check (posts_per_week between 1 and 14),
    pillar_moments_pct integer not null default 25 check (pillar_moments_pct >= 0),
    pillar_teaching_pct integer not null default 25 check (pillar_teaching_pct >= 0),
    pillar_human_pct integer not null default 25 check (pillar_human_pct >= 0),
    pillar_collab_pct integer not null default 25 check (pillar_collab_pct >= 0),
    planned_posts jsonb not null default '[]'::jsonb check (jsonb_typeof(planned_posts) = 'array'),
    status text not null default 'draft'
        check (status in ('draft', 'approved', 'in_progress', 'completed')),
    generation_notes text,
    approved_at timestamptz,
    approved_by text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, week_start_date),
    constraint cp_week_plans_pillars_check
        check (pillar_moments_pct + pillar_teaching_pct + pillar_human_pct + pillar_collab_pct = 100)
);
comment on table public.cp_week_plans is 'What an account publishes in a week';
comment on column public.cp_week_plans.week_start_date is 'The Monday';
comment on column public.cp_week_plans.planned_posts is
    '[{"day", "time", "idea_id", "template_id", "pillar", "assigned_post_id", "idea_title", '
    '"idea_hook", "template_name", "match_score"}]';
call platform.maintain_updated_at('cp_week_plans');
call access.state_machine('cp_week_plans', 'status', '{
    "draft": ["approved"],
    "approved": ["in_progress", "completed"],
    "in_progress": ["completed"]
}');

create table public.cp_business_context (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null unique references public.users (id) on delete restrict,
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
comment on table public.cp_business_context is 'For whom an account writes, and about what business';
comment on column public.cp_business_context.content_preferences is
    'The autopilot''s settings among them: posts_per_batch, buffer_target, auto_publish';
call platform.maintain_updated_at('cp_business_context');

-- Who engages.

create table public.cp_monitored_competitors (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    linkedin_profile_url text not null,
    name text,
    headline text,
    heyreach_campaign_id text check (heyreach_campaign_id ~ '^[0-9]+$'),
    is_active boolean not null default true,
    last_scraped_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (user_id, linkedin_profile_url)
);
comment on table public.cp_monitored_competitors is 'A profile whose commenters an account wants to meet';
create index cp_monitored_competitors_due_idx on public.cp_monitored_competitors
    (last_scraped_at nulls first)
where is_active;
call platform.maintain_updated_at('cp_monitored_competitors');

create table public.cp_post_engagements (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    post_id uuid references public.cp_pipeline_posts (id) on delete restrict,
    provider_id text not null,
    engagement_type text not null check (engagement_type in ('comment', 'reaction')),
    reaction_type text check (reaction_type in (
        'LIKE', 'CELEBRATE', 'LOVE', 'INSIGHTFUL', 'FUNNY', 'SUPPORT')),
    comment_text text,
    first_name text,
    last_name text,
    linkedin_url text,
    heyreach_campaign_id text check (heyreach_campaign_id ~ '^[0-9]+$'),
    heyreach_pushed_at timestamptz,
    heyreach_error text,
    engaged_at timestamptz,
    created_at timestamptz default now(),
    source text not null default 'own_post' check (source in ('own_post', 'competitor')),
    source_post_url text,
    competitor_id uuid references public.cp_monitored_competitors (id) on delete set null,
    subtitle text,
    unique (post_id, provider_id, engagement_type),
    unique (source_post_url, provider_id, engagement_type),
    constraint cp_post_engagements_post_check check (num_nonnulls(post_id, source_post_url) > 0)
);
comment on table public.cp_post_engagements is
    'Somebody who commented on or reacted to a post, one''s own or a competitor''s';
comment on column public.cp_post_engagements.provider_id is 'Who it was, in LinkedIn''s ids';
comment on column public.cp_post_engagements.subtitle is 'The headline under the name';
create index on public.cp_post_engagements (user_id, created_at desc);
create index on public.cp_post_engagements (competitor_id);
create index cp_post_engagements_unpushed_idx on public.cp_post_engagements (created_at)
where heyreach_campaign_id is not null and heyreach_pushed_at is null and heyreach_error is null;

create table public.cp_linkedin_profiles (
    provider_id text primary key,
    first_name text,
    last_name text,
    linkedin_url text not null,
    headline text,
    resolved_at timestamptz default now()
);
comment on table public.cp_linkedin_profiles is
    'The public address behind one of LinkedIn''s ids, looked up once';

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
    follow_up_delay_minutes integer default 1440 check (follow_up_delay_minutes >= 0),
    status text not null default 'draft' check (status in ('draft', 'running', 'paused')),
    unipile_account_id text,
    leads_captured integer default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    heyreach_campaign_id text check (heyreach_campaign_id ~ '^[0-9]+$'),
    resource_url text
);
comment on table public.linkedin_automations is
    'What happens when somebody comments the right word under a post';
comment on column public.linkedin_automations.comment_reply_template is
    'With {{name}}, {{full_name}} and {{comment}}';
create index on public.linkedin_automations (user_id, created_at desc);
create index on public.linkedin_automations (post_id);
create index linkedin_automations_running_idx on public.linkedin_automations (post_social_id)
where status = 'running';
call platform.maintain_updated_at('linkedin_automations');
call access.state_machine('linkedin_automations', 'status', '{
    "draft": ["running", "paused"],
    "running": ["paused", "draft"],
    "paused": ["running", "draft"]
}');

create table public.linkedin_automation_events (
    id uuid primary key default gen_random_uuid(),
    automation_id uuid not null references public.linkedin_automations (id) on delete cascade,
    event_type text not null check (event_type in (
        'comment_detected', 'keyword_matched', 'dm_sent', 'dm_failed', 'connection_sent',
        'connection_failed', 'like_sent', 'like_failed', 'reply_sent', 'reply_failed',
        'follow_up_scheduled', 'follow_up_sent', 'follow_up_failed')),
    commenter_name text,
    commenter_provider_id text,
    commenter_linkedin_url text,
    comment_text text,
    action_details text,
    error text,
    created_at timestamptz not null default now(),
    comment_id text
);
comment on table public.linkedin_automation_events is 'A step that an automation took for one commenter';
comment on column public.linkedin_automation_events.comment_id is
    'The comment at the provider; it is answered once, however often it is announced';
create index on public.linkedin_automation_events (automation_id, created_at desc);
create unique index linkedin_automation_events_step_key on public.linkedin_automation_events
    (automation_id, comment_id, event_type)
where event_type not like '%\_failed';

-- What came of it, and what is learned.

create table public.cp_post_performance (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    post_id uuid references public.cp_pipeline_posts (id) on delete restrict,
    platform text not null default 'linkedin'
        check (platform in ('linkedin', 'twitter', 'instagram', 'other')),
    views integer default 0,
    likes integer default 0,
    comments integer default 0,
    shares integer default 0,
    saves integer default 0,
    clicks integer default 0,
    impressions integer default 0,
    engagement_rate numeric default 0,
    captured_at timestamptz not null default now(),
    created_at timestamptz default now(),
    unique (post_id, platform, captured_at)
);
comment on table public.cp_post_performance is 'The numbers of a post at one moment';
comment on column public.cp_post_performance.engagement_rate is
    'Percent: likes, comments, shares and saves of the views';
create index on public.cp_post_performance (user_id, captured_at desc);

create table public.cp_performance_patterns (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    pattern_type text not null check (pattern_type in (
        'archetype', 'hook', 'format', 'topic', 'time_of_day', 'content_pillar', 'content_type',
        'length')),
    pattern_value text not null,
    avg_engagement_rate numeric default 0,
    avg_views numeric default 0,
    avg_likes numeric default 0,
    avg_comments numeric default 0,
    sample_count integer default 0,
    confidence text not null default 'low' check (confidence in ('low', 'medium', 'high')),
    last_updated_at timestamptz default now(),
    unique (user_id, pattern_type, pattern_value)
);
comment on table public.cp_performance_patterns is 'How posts of one kind do on average';
comment on column public.cp_performance_patterns.confidence is 'low below 5 posts, medium below 15';

create table public.cp_edit_history (
    id uuid primary key default gen_random_uuid(),
    team_id uuid references public.teams (id) on delete set null,
    profile_id uuid references public.team_profiles (id) on delete set null,
    content_type text not null check (content_type in ('post', 'email', 'lead_magnet', 'sequence')),
    content_id uuid not null,
    field_name text not null,
    original_text text not null,
    edited_text text not null,
    edit_diff jsonb default '{}'::jsonb,
    edit_tags text[] default '{}'::text[],
    ceo_note text,
    auto_classified_changes jsonb default '{}'::jsonb,
    processed boolean not null default false,
    created_at timestamptz not null default now(),
    edited_by uuid default auth.uid() references public.users (id) on delete set null
);
comment on table public.cp_edit_history is 'What a person changed in a text of ours: the style to learn';
comment on column public.cp_edit_history.content_id is 'The row of the table that content_type says';
comment on column public.cp_edit_history.edit_diff is
    '{"added", "removed", "changeRatio", "wordCountBefore", "wordCountAfter"}';
comment on column public.cp_edit_history.ceo_note is 'What the person said about it';
comment on column public.cp_edit_history.auto_classified_changes is
    '{"patterns": [{"pattern", "description"}]}; {} until it was classified';
comment on column public.cp_edit_history.processed is 'A voice profile has learned from it';
create index on public.cp_edit_history (team_id, created_at desc);
create index on public.cp_edit_history (content_type, content_id);
create index on public.cp_edit_history (profile_id, created_at desc);
create index on public.cp_edit_history (edited_by);
create index cp_edit_history_unprocessed_idx on public.cp_edit_history (profile_id) where not processed;
create index cp_edit_history_unclassified_idx on public.cp_edit_history (created_at)
where auto_classified_changes = '{}'::jsonb;

create table public.cp_voice_profile_versions (
    id uuid primary key default gen_random_uuid(),
    profile_id uuid not null references public.team_profiles (id) on delete cascade,
    version integer not null check (version > 0),
    voice_profile jsonb not null,
    edits_learned integer not null default 0 check (edits_learned >= 0),
    created_at timestamptz not null default now(),
    unique (profile_id, version)
);
comment on table public.cp_voice_profile_versions is 'A voice profile as it was after each lesson';
comment on column public.cp_voice_profile_versions.version is 'evolution_version in the profile';

-- Access.

call access.owner('cp_call_transcripts');
call access.guard('cp_call_transcripts', '{knowledge_extracted_at, ideas_extracted_at, processing_error}');
call access.written_by('cp_call_transcripts', 'magnetlab', 'content');

call access.owner('cp_transcript_webhooks', commands => '{select, delete}');
call access.secret('cp_transcript_webhooks', '{secret_hash}');
call access.written_by('cp_transcript_webhooks', 'magnetlab', 'content');

call access.owner('cp_transcript_deliveries', commands => '{select}');
call access.written_by('cp_transcript_deliveries', 'magnetlab', 'content');

call access.owner('cp_knowledge_entries');
call access.written_by('cp_knowledge_entries', 'magnetlab', 'content');

call access.through('cp_knowledge_corroborations', 'entry_id', 'cp_knowledge_entries');
call access.references_seen('cp_knowledge_corroborations', 'corroborated_by', 'cp_knowledge_entries');
call access.written_by('cp_knowledge_corroborations', 'magnetlab', 'content');

call access.owner('cp_tag_clusters');
call access.written_by('cp_tag_clusters', 'magnetlab', 'content');

call access.owner('cp_knowledge_tags');
call access.written_by('cp_knowledge_tags', 'magnetlab', 'content');

call access.owner('cp_knowledge_topics');
call access.written_by('cp_knowledge_topics', 'magnetlab', 'content');

-- The playbook belongs to the installation: one repository, one configured owner.
call access.service_only('cp_sop_embeddings');
call access.written_by('cp_sop_embeddings', 'magnetlab', 'content');

call access.service_only('cp_playbook_sync_runs');
call access.written_by('cp_playbook_sync_runs', 'magnetlab', 'content');

call access.service_only('cp_knowledge_sop_matches');
call access.written_by('cp_knowledge_sop_matches', 'magnetlab', 'content');

call access.service_only('playbook_learnings');
call access.written_by('playbook_learnings', 'magnetlab', 'content');

call access.persona('cp_content_ideas');
call access.written_by('cp_content_ideas', 'magnetlab', 'content');

call access.owner('cp_scrape_runs');
call access.written_by('cp_scrape_runs', 'magnetlab', 'content');

call access.service_only('cp_pipeline_scrape_runs');
call access.written_by('cp_pipeline_scrape_runs', 'magnetlab', 'content');

call access.service_only('cp_scrape_searches');
call access.shared(
    'cp_scrape_searches', 'true', 'What fills the shared library; administrators write');
call access.written_by('cp_scrape_searches', 'magnetlab', 'content');

call access.owner('cp_tracked_creators', user_column => 'added_by_user_id');
call access.shared('cp_tracked_creators', 'true', 'Public authors, whom the whole installation follows');
call access.guard('cp_tracked_creators', '{avg_engagement, post_count, last_scraped_at}');
call access.written_by('cp_tracked_creators', 'magnetlab', 'content');

call access.owner('cp_viral_posts');
call access.shared('cp_viral_posts', '{row}.user_id is null', 'The shared library of public posts');
call access.written_by('cp_viral_posts', 'magnetlab', 'content');

call access.owner('cp_post_templates');
call access.shared('cp_post_templates', '{row}.is_global', 'Templates for every account');
call access.guard('cp_post_templates', '{is_global, usage_count, avg_engagement_score}');
call access.written_by('cp_post_templates', 'magnetlab', 'content');

call access.persona('cp_writing_styles');
call access.written_by('cp_writing_styles', 'magnetlab', 'content');

call access.owner('cp_inspiration_sources');
call access.written_by('cp_inspiration_sources', 'magnetlab', 'content');

call access.owner('cp_inspiration_pulls');
call access.written_by('cp_inspiration_pulls', 'magnetlab', 'content');

call access.persona('cp_pipeline_posts');
call access.references_seen('cp_pipeline_posts', 'lead_magnet_id', 'lead_magnets');
call access.guard('cp_pipeline_posts', '{
    published_at, linkedin_post_id, leadshark_post_id, publish_provider, engagement_stats,
    last_engagement_scrape_at, engagement_scrape_count
}');
call access.written_by('cp_pipeline_posts', 'magnetlab', 'content');

call access.through('cp_publish_attempts', 'post_id', 'cp_pipeline_posts', commands => '{select}');
call access.written_by('cp_publish_attempts', 'magnetlab', 'content');

call access.persona('cp_posting_slots');
call access.written_by('cp_posting_slots', 'magnetlab', 'content');

call access.owner('cp_week_plans');
call access.written_by('cp_week_plans', 'magnetlab', 'content');

call access.owner('cp_business_context');
call access.written_by('cp_business_context', 'magnetlab', 'content');

call access.owner('cp_monitored_competitors');
call access.guard('cp_monitored_competitors', '{last_scraped_at}');
call access.written_by('cp_monitored_competitors', 'magnetlab', 'content');

call access.owner('cp_post_engagements', commands => '{select}');
call access.written_by('cp_post_engagements', 'magnetlab', 'content');

call access.service_only('cp_linkedin_profiles');
call access.shared('cp_linkedin_profiles', 'true', 'Public addresses of public profiles');
call access.written_by('cp_linkedin_profiles', 'magnetlab', 'content');

call access.owner('linkedin_automations');
call access.guard('linkedin_automations', '{leads_captured}');
call access.written_by('linkedin_automations', 'magnetlab', 'content');

call access.through(
    'linkedin_automation_events', 'automation_id', 'linkedin_automations', commands => '{select}');
call access.written_by('linkedin_automation_events', 'magnetlab', 'content');

call access.owner('cp_post_performance');
call access.written_by('cp_post_performance', 'magnetlab', 'content');

call access.owner('cp_performance_patterns');
call access.written_by('cp_performance_patterns', 'magnetlab', 'content');

call access.owner('cp_edit_history', user_column => 'edited_by', commands => '{select, insert, update}');
call access.written_by('cp_edit_history', 'magnetlab', 'content');

call access.set_scope(
    'cp_voice_profile_versions', 'team', 'profile_id',
    '{row}.profile_id = any ((select access.team_profile_ids())::uuid[])',
    '{row}.profile_id = any ((select access.team_profile_ids())::uuid[])',
    0, '{select}');
call access.written_by('cp_voice_profile_versions', 'magnetlab', 'content');
