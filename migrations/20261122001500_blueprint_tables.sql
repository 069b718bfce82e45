-- The tables of blueprint.

create table public.blueprint_content_blocks (
    id uuid primary key default gen_random_uuid(),
    block_key text not null,
    content text,
    updated_at timestamptz default now(),
    block_type text,
    title text,
    image_url text,
    cta_text text,
    cta_url text,
    sort_order integer default 0,
    is_visible boolean default true,
    target_offer text,
    created_at timestamptz default now()
);
comment on table public.blueprint_content_blocks is 'DESCRIBE';
call platform.maintain_updated_at('blueprint_content_blocks');

create table public.blueprint_settings (
    id uuid primary key default gen_random_uuid(),
    key text not null,
    value jsonb,
    updated_at timestamptz default now(),
    sticky_cta_enabled boolean default true,
    foundations_payment_url text default '',
    engineering_payment_url text default '',
    cal_booking_link text default '',
    show_bootcamp_offer boolean default true,
    show_gc_offer boolean default true,
    show_dfy_offer boolean default true,
    bootcamp_offer_title text default '',
    bootcamp_offer_description text default '',
    bootcamp_offer_cta text default '',
    bootcamp_offer_url text default '',
    gc_offer_title text default '',
    gc_offer_description text default '',
    gc_offer_cta text default '',
    gc_offer_url text default '',
    dfy_offer_title text default '',
    dfy_offer_description text default '',
    dfy_offer_cta text default '',
    dfy_offer_url text default '',
    default_offer_unlocked boolean default false,
    created_at timestamptz default now(),
    blueprint_video_url text,
    senja_widget_url text,
    call_booked_video_url text,
    max_logos_landing integer default 6,
    max_logos_blueprint integer,
    thank_you_video_url text,
    foundations_offer_video_url text,
    engineering_offer_video_url text,
    spots_remaining_dfy integer
);
comment on table public.blueprint_settings is 'DESCRIBE';
call platform.maintain_updated_at('blueprint_settings');

create table public.client_logos (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    image_url text not null,
    sort_order integer not null default 0,
    is_visible boolean not null default true,
    created_at timestamptz not null default now()
);
comment on table public.client_logos is 'DESCRIBE';

create table public.prospects (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz default now(),
    full_name text,
    first_name text,
    last_name text,
    email text,
    phone text,
    company text,
    linkedin_url text,
    normalized_linkedin_url text,
    business_type text,
    linkedin_challenge text,
    linkedin_help_area text,
    posting_frequency text,
    has_funnel text,
    learning_investment text,
    monthly_income text,
    interested_in_mas boolean,
    timezone text,
    submission_date timestamptz,
    source_url text,
    profile_photo text,
    banner_image text,
    current_headline text,
    current_bio text,
    example_posts jsonb,
    their_existing_posts jsonb,
    posts_clean_text text,
    raw_profile_json jsonb,
    raw_company_research jsonb,
    location text,
    authority_score numeric,
    fit_score numeric,
    score_profile_optimization numeric,
    score_content_presence numeric,
    score_outbound_systems numeric,
    score_inbound_infrastructure numeric,
    score_social_proof numeric,
    score_summary text,
    whats_working_1 text,
    whats_working_2 text,
    whats_working_3 text,
    revenue_leaks_1 text,
    revenue_leaks_2 text,
    revenue_leaks_3 text,
    how_to_take_further text,
    buyer_persona text,
    strategic_gap text,
    strategic_opportunity text,
    fit_assessment text,
    bottom_line text,
    profile_rewrite text,
    recommended_headline text,
    recommended_bio text,
    voice_style_guide text,
    lead_mag_1 text,
    lead_mag_2 text,
    lead_mag_3 text,
    lm_card_1 jsonb,
    lm_card_2 jsonb,
    lm_card_3 jsonb,
    next_steps_30_day text,
    next_steps_90_day text,
    formatted_report text,
    status text default 'pending',
    analysis_status text,
    analysis_date timestamptz,
    processing_step text,
    error_log text,
    last_processed timestamptz,
    ready_to_create boolean default false,
    airtable_record_id text,
    doc_page_link text,
    slug text,
    lm_1_content_type text,
    lm_1_headline text,
    lm_1_subheadline text,
    lm_1_est_hours text,
    lm_1_match text,
    lm_2_content_type text,
    lm_2_headline text,
    lm_2_subheadline text,
    lm_2_est_hours text,
    lm_2_match text,
    lm_3_content_type text,
    lm_3_headline text,
    lm_3_subheadline text,
    lm_3_est_hours text,
    lm_3_match text,
    lm_post_1 text,
    lm_post_2 text,
    lm_post_3 text,
    webflow_item_id text,
    profile_analysis text,
    headline_outcome_based text,
    headline_authority_based text,
    headline_hybrid text,
    headline_recommendation text,
    headline_recommendation_reason text,
    featured_slot_1 text,
    featured_slot_2 text,
    featured_slot_3 text,
    improvement_suggestions jsonb default '[]'::jsonb,
    updated_at timestamptz,
    company_logo text,
    job_title text,
    connections integer,
    email_sent_at timestamptz,
    lead_magnet_source text,
    send_email boolean default true,
    knowledge_base text,
    offer_unlocked boolean default false,
    offer_note text,
    recommended_offer public.blueprint_offer_type,
    qualified boolean default true,
    qualification_reason text,
    priority_tier integer,
    migrated_at timestamptz,
    trace_id text,
    prompt_versions_used jsonb default '{}'::jsonb,
    authority_bottom_line text
);
comment on table public.prospects is 'Core prospect records (60+ columns)';
call platform.maintain_updated_at('prospects');

create table public.dead_letter_queue (
    id uuid primary key default gen_random_uuid(),
    job_type text not null,
    job_id text not null,
    prospect_id uuid references public.prospects (id) on delete set null,
    trace_id text,
    payload jsonb not null,
    error_message text,
    attempts integer default 0,
    created_at timestamptz default now(),
    resolved_at timestamptz,
    resolved_by text,
    resolution_notes text
);
comment on table public.dead_letter_queue is 'Failed pipeline events';
create index on public.dead_letter_queue (prospect_id);

create table public.templates (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz default now(),
    title text,
    url text,
    template_content text,
    linkedin_template_title text,
    num_comments integer default 0,
    num_likes integer default 0,
    num_shares integer default 0,
    author_name text,
    author_profile_url text,
    author_profile_picture text,
    posted_at timestamptz,
    images jsonb,
    airtable_record_id text,
    is_active boolean default true
);
comment on table public.templates is 'Post generation templates (7 types)';

create table public.posts (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz default now(),
    prospect_id uuid references public.prospects (id) on delete set null,
    template_id uuid references public.templates (id) on delete set null,
    name text,
    post_content text,
    output text,
    first_sentence text,
    post_ready boolean default false,
    to_fix boolean default false,
    number integer,
    airtable_record_id text,
    action_items text,
    to_fix_text text,
    linkedin_post_url text,
    published_at timestamptz,
    last_scraped_at timestamptz,
    impressions integer,
    likes integer,
    comments integer,
    shares integer,
    engagement_rate numeric,
    finalized_content text
);
comment on table public.posts is 'Generated LinkedIn posts per prospect';
create index on public.posts (template_id);
create index on public.posts (prospect_id);

create table public.settings (
    key text not null,
    value text not null,
    updated_at timestamptz default now(),
    primary key (/* DECIDE */)
);
comment on table public.settings is 'Pipeline settings including AI prompts';
call platform.maintain_updated_at('settings');

-- Access.

call access.service_only('blueprint_content_blocks');
call access.written_by('blueprint_content_blocks', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.service_only('blueprint_settings');
call access.written_by('blueprint_settings', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.service_only('client_logos');
call access.written_by('client_logos', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.service_only('prospects');
call access.written_by('prospects', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.through('dead_letter_queue', 'prospect_id', 'prospects');
call access.written_by('dead_letter_queue', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.service_only('templates');
call access.written_by('templates', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.through('posts', 'template_id', 'templates');
call access.written_by('posts', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.service_only('settings');
call access.written_by('settings', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');
