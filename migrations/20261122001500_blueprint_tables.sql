-- Blueprints: the people audited, their results and posts, the pages around them, and failed jobs.

create table public.blueprint_content_blocks (
    id uuid primary key default gen_random_uuid(),
    block_key text not null check (block_key <> ''),
    content text,
    updated_at timestamptz default now(),
    block_type text check (
        block_type in ('testimonial', 'case_study', 'feature', 'benefit', 'faq', 'pricing', 'cta')
    ),
    title text,
    image_url text,
    cta_text text,
    cta_url text,
    sort_order integer default 0,
    is_visible boolean default true,
    target_offer text check (target_offer in ('bootcamp', 'gc', 'none')),
    created_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, block_key)
);
comment on table public.blueprint_content_blocks is 'Texts of the blueprint and offer pages, block by block';
comment on column public.blueprint_content_blocks.content is
    'Markdown; of a faq block a JSON list of {question, answer}';
comment on column public.blueprint_content_blocks.target_offer is
    'The offer whose page shows the block; none or null is all of them';
create index on public.blueprint_content_blocks (tenant_id, sort_order);
call platform.maintain_updated_at('blueprint_content_blocks');

create table public.blueprint_settings (
    id uuid primary key default gen_random_uuid(),
    key text not null default 'global' check (key = 'global'),
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
    max_logos_landing integer default 6 check (max_logos_landing >= 0),
    max_logos_blueprint integer check (max_logos_blueprint >= 0),
    thank_you_video_url text,
    foundations_offer_video_url text,
    engineering_offer_video_url text,
    spots_remaining_dfy integer check (spots_remaining_dfy >= 0),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    unique (tenant_id, key)
);
comment on table public.blueprint_settings is 'How a tenant''s blueprint and offer pages look: one row each';
comment on column public.blueprint_settings.key is 'Always global';
comment on column public.blueprint_settings.value is 'Settings without a column of their own';
comment on column public.blueprint_settings.default_offer_unlocked is 'Copied to each new prospect';
comment on column public.blueprint_settings.max_logos_blueprint is 'Null shows all';
call platform.maintain_updated_at('blueprint_settings');

create table public.client_logos (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    image_url text not null,
    sort_order integer not null default 0,
    is_visible boolean not null default true,
    created_at timestamptz not null default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.client_logos is 'The strip of client logos on the public pages';
create index on public.client_logos (tenant_id, sort_order);

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
    normalized_linkedin_url text check (
        normalized_linkedin_url ~ '^https://www\.linkedin\.com/[^?#]*[^?#/]$'
        and normalized_linkedin_url = lower(normalized_linkedin_url)
    ),
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
    authority_score numeric check (authority_score between 1 and 100),
    fit_score numeric,
    score_profile_optimization numeric check (score_profile_optimization between 1 and 10),
    score_content_presence numeric check (score_content_presence between 1 and 10),
    score_outbound_systems numeric check (score_outbound_systems between 1 and 10),
    score_inbound_infrastructure numeric check (score_inbound_infrastructure between 1 and 10),
    score_social_proof numeric check (score_social_proof between 1 and 10),
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
    status text not null default 'pending' check (
        status in (
            'pending', 'pending_scrape', 'scraping_profile', 'scraping_posts', 'pending_enrichment',
            'enriching', 'enrichment_complete', 'generating_posts', 'complete', 'error'
        )
    ),
    analysis_status text check (analysis_status in ('pending', 'processing', 'complete', 'error')),
    analysis_date timestamptz,
    processing_step text,
    error_log text,
    last_processed timestamptz,
    ready_to_create boolean default false,
    airtable_record_id text,
    doc_page_link text,
    slug text unique check (slug not in ('', 'resources', 'thank-you', 'call-booked')),
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
    updated_at timestamptz default now(),
    company_logo text,
    job_title text,
    connections integer check (connections >= 0),
    email_sent_at timestamptz,
    lead_magnet_source text,
    send_email boolean default true,
    knowledge_base text,
    offer_unlocked boolean default false,
    offer_note text,
    recommended_offer public.blueprint_offer_type,
    qualified boolean default true,
    qualification_reason text,
    priority_tier integer check (priority_tier >= 1),
    migrated_at timestamptz,
    trace_id text,
    prompt_versions_used jsonb default '{}'::jsonb,
    authority_bottom_line text,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    intake_answers jsonb,
    unique (tenant_id, normalized_linkedin_url)
);
comment on table public.prospects is 'One person being audited, with every intermediate and final result';
comment on column public.prospects.linkedin_url is 'As it was typed';
comment on column public.prospects.normalized_linkedin_url is
    'Who it is: https, www.linkedin.com, the path alone, lower case, no slash at the end';
comment on column public.prospects.status is 'Where the run is; pending stands for pending_scrape';
comment on column public.prospects.processing_step is 'The step in words for people, its part after a colon';
comment on column public.prospects.error_log is 'Step, message and attempt of the last failure';
comment on column public.prospects.intake_answers is
    'The form as it was sent, which the columns may round off';
comment on column public.prospects.lead_magnet_source is
    'The channel they came by: blueprint-landing, admin-bootcamp, plusvibe, heyreach, api, …';
comment on column public.prospects.source_url is 'The page they came from';
comment on column public.prospects.example_posts is 'Their best posts';
comment on column public.prospects.their_existing_posts is 'Their recent posts as they were read';
comment on column public.prospects.posts_clean_text is 'Their posts as plain text; empty when they have none';
comment on column public.prospects.fit_score is 'How good a client they would be; never shown to them';
comment on column public.prospects.authority_score is '1 to 100, the mean of the five scores times ten';
comment on column public.prospects.whats_working_1 is
    'Title: explanation (so are the next ones and the leaks)';
comment on column public.prospects.lm_card_1 is
    '{contentType, headline, subheadline, match, estHours}; the lm_1_ columns are a copy (so are 2 and 3)';
comment on column public.prospects.headline_recommendation is
    'Names the outcome, the authority or the hybrid headline';
comment on column public.prospects.improvement_suggestions is 'List of texts';
comment on column public.prospects.knowledge_base is
    'Facts from profile and company, given to every later prompt';
comment on column public.prospects.formatted_report is 'The whole report as Markdown';
comment on column public.prospects.ready_to_create is 'A person gave the go-ahead';
comment on column public.prospects.send_email is 'False keeps the ready mail back';
comment on column public.prospects.email_sent_at is 'Set once, so that the ready mail goes out once';
comment on column public.prospects.offer_note is 'The seller''s words on the offer page';
comment on column public.prospects.priority_tier is '1 is best';
comment on column public.prospects.trace_id is 'Ties the jobs, AI calls and dead letters of a run together';
comment on column public.prospects.prompt_versions_used is
    '{prompt key: version}, filled as each prompt runs';
comment on column public.prospects.airtable_record_id is 'The same person in a former system';
comment on column public.prospects.doc_page_link is 'The report in a former system';
comment on column public.prospects.webflow_item_id is 'The page in a former system';
comment on column public.prospects.migrated_at is 'When a former system handed them over';
comment on column public.prospects.business_type is
    'The answer of the form: Agency, Consulting, Coaching, SaaS, Freelance or Other';
comment on column public.prospects.lm_1_content_type is
    'The format of the first lead magnet idea, in the words of whoever wrote it';
comment on column public.prospects.lm_2_content_type is 'As lm_1_content_type, of the second idea';
comment on column public.prospects.lm_3_content_type is 'As lm_1_content_type, of the third idea';
create index on public.prospects (tenant_id, created_at desc);
create index on public.prospects (tenant_id, status, created_at desc);
create index on public.prospects (tenant_id, lower(email));
create index on public.prospects (trace_id);
create index prospects_active_idx on public.prospects (updated_at) where status in (
    'pending', 'pending_scrape', 'scraping_profile', 'scraping_posts', 'pending_enrichment', 'enriching',
    'enrichment_complete', 'generating_posts'
);
call platform.maintain_updated_at('prospects');
call access.state_machine('prospects', 'status', '{
    "pending": ["pending_scrape", "scraping_profile", "error"],
    "pending_scrape": ["scraping_profile", "error"],
    "scraping_profile": ["scraping_posts", "pending_scrape", "error"],
    "scraping_posts": ["pending_enrichment", "pending_scrape", "error"],
    "pending_enrichment": ["enriching", "pending_scrape", "error"],
    "enriching": ["enrichment_complete", "pending_enrichment", "error"],
    "enrichment_complete": ["generating_posts", "pending_enrichment", "pending_scrape", "error"],
    "generating_posts": ["complete", "enrichment_complete", "error"],
    "complete": ["pending_scrape", "pending_enrichment", "enrichment_complete"],
    "error": ["pending_scrape", "pending_enrichment", "enrichment_complete"]
}');

create table public.dead_letter_queue (
    id uuid primary key default gen_random_uuid(),
    job_type text not null check (
        job_type in ('scrape-prospect', 'enrich-prospect', 'generate-posts', 'send-notification')
    ),
    job_id text not null,
    prospect_id uuid references public.prospects (id) on delete restrict,
    trace_id text,
    payload jsonb not null,
    error_message text,
    attempts integer default 0 check (attempts >= 0),
    created_at timestamptz default now(),
    resolved_at timestamptz,
    resolved_by text,
    resolution_notes text,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    constraint dead_letter_queue_resolution
        check (resolved_at is null or (resolved_by is not null and resolution_notes is not null))
);
comment on table public.dead_letter_queue is
    'Blueprint jobs that used up their attempts, open until resolved';
comment on column public.dead_letter_queue.payload is 'Enough to run the job again';
create unique index dead_letter_queue_open_key
    on public.dead_letter_queue (job_type, job_id) where resolved_at is null;
create index on public.dead_letter_queue (tenant_id, created_at desc);
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
    is_active boolean default true,
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict
);
comment on table public.templates is 'Proven posts whose pattern new posts follow';
comment on column public.templates.template_content is 'The pattern; url, author and counts tell of the post';
comment on column public.templates.linkedin_template_title is 'The label of the pattern';
comment on column public.templates.images is 'Addresses of the pictures of the post';
comment on column public.templates.airtable_record_id is 'The same pattern in a former system';
create index on public.templates (tenant_id, is_active);

create table public.posts (
    id uuid primary key default gen_random_uuid(),
    created_at timestamptz default now(),
    prospect_id uuid references public.prospects (id) on delete restrict,
    template_id uuid references public.templates (id) on delete set null,
    name text,
    post_content text,
    output text,
    first_sentence text,
    post_ready boolean default false,
    to_fix boolean default false,
    number integer check (number >= 1),
    airtable_record_id text,
    action_items text,
    to_fix_text text,
    linkedin_post_url text,
    published_at timestamptz,
    last_scraped_at timestamptz,
    impressions integer check (impressions >= 0),
    likes integer check (likes >= 0),
    comments integer check (comments >= 0),
    shares integer check (shares >= 0),
    engagement_rate numeric,
    finalized_content text,
    unique (prospect_id, number)
);
comment on table public.posts is 'One post written for a prospect';
comment on column public.posts.number is 'Its place in the two-month calendar, from 1 to about 60';
comment on column public.posts.output is 'The answer of the model as it came';
comment on column public.posts.first_sentence is 'The hook';
comment on column public.posts.action_items is 'What the person has to supply, one item per line';
comment on column public.posts.to_fix is
    'Says something that the profile does not prove; to_fix_text says what';
comment on column public.posts.engagement_rate is 'Likes, comments and shares per impression';
comment on column public.posts.finalized_content is
    'The person''s own last version, kept when posts are redone';
comment on column public.posts.airtable_record_id is 'The same post in a former system';
create index on public.posts (template_id);
create index on public.posts (created_at desc);

create table public.settings (
    key text not null,
    value text not null,
    updated_at timestamptz default now(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    primary key (tenant_id, key)
);
comment on table public.settings is
    'Pipeline settings of a tenant: models, order of providers, limits such as qualification_revenue_min';
call platform.maintain_updated_at('settings');

-- Access: services write; people of the tenant read, and finish posts. What visitors see of a blueprint
-- comes by its address, from the functions below.

call access.tenant('blueprint_content_blocks', commands => '{select}');
call access.public_read(
    'blueprint_content_blocks', '{row}.is_visible',
    columns => '{id, tenant_id, block_key, block_type, title, content, image_url, cta_text, cta_url,
    sort_order, target_offer, is_visible}');
call access.written_by('blueprint_content_blocks', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.tenant('blueprint_settings', commands => '{select}');
call access.public_read(
    'blueprint_settings', '{row}.key = ''global''',
    columns => '{id, tenant_id, key, sticky_cta_enabled, foundations_payment_url, engineering_payment_url,
    cal_booking_link, show_bootcamp_offer, show_gc_offer, show_dfy_offer, bootcamp_offer_title,
    bootcamp_offer_description, bootcamp_offer_cta, bootcamp_offer_url, gc_offer_title,
    gc_offer_description, gc_offer_cta, gc_offer_url, dfy_offer_title, dfy_offer_description,
    dfy_offer_cta, dfy_offer_url, blueprint_video_url, senja_widget_url, call_booked_video_url,
    max_logos_landing, max_logos_blueprint, thank_you_video_url, foundations_offer_video_url,
    engineering_offer_video_url, spots_remaining_dfy}',
    reason => 'The public pages are made of it');
call access.written_by('blueprint_settings', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.tenant('client_logos', commands => '{select}');
call access.public_read(
    'client_logos', '{row}.is_visible',
    columns => '{id, tenant_id, name, image_url, sort_order, is_visible}');
call access.written_by('client_logos', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.tenant('prospects', commands => '{select}');
call access.written_by('prospects', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os, gtm_system}');

call access.tenant('dead_letter_queue', commands => '{select}');
call access.written_by('dead_letter_queue', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.tenant('templates', commands => '{select}');
call access.written_by('templates', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os}');

call access.through('posts', 'prospect_id', 'prospects', commands => '{select, update}');
call access.guard(
    'posts',
    '{id, created_at, prospect_id, template_id, name, post_content, output, first_sentence, number,
    airtable_record_id, action_items, to_fix_text, linkedin_post_url, published_at, last_scraped_at,
    impressions, likes, comments, shares, engagement_rate}');
call access.written_by('posts', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os, gtm_system}');

call access.tenant('settings', commands => '{}');
call access.written_by('settings', 'leadmagnet_backend', 'blueprint', '{copy_of_gtm_os, gtm_system}');

create view public.blueprint_reports with (security_invoker = true) as
select
    p.tenant_id, p.slug, p.status, p.full_name, p.first_name, p.company, p.company_logo, p.job_title,
    p.linkedin_url, p.profile_photo, p.banner_image, p.current_headline, p.current_bio,
    p.authority_score, p.score_profile_optimization, p.score_content_presence,
    p.score_outbound_systems, p.score_inbound_infrastructure, p.score_social_proof, p.score_summary,
    p.whats_working_1, p.whats_working_2, p.whats_working_3,
    p.revenue_leaks_1, p.revenue_leaks_2, p.revenue_leaks_3,
    p.bottom_line, p.authority_bottom_line,
    p.headline_outcome_based, p.headline_authority_based, p.headline_hybrid,
    p.headline_recommendation, p.headline_recommendation_reason, p.recommended_headline,
    p.recommended_bio, p.featured_slot_1, p.featured_slot_2, p.featured_slot_3,
    p.improvement_suggestions,
    p.lead_mag_1, p.lead_mag_2, p.lead_mag_3, p.lm_card_1, p.lm_card_2, p.lm_card_3,
    p.lm_post_1, p.lm_post_2, p.lm_post_3, p.next_steps_30_day, p.next_steps_90_day,
    p.offer_unlocked,
    case when p.offer_unlocked then p.recommended_offer end as recommended_offer,
    case when p.offer_unlocked then p.offer_note end as offer_note,
    p.analysis_date
from public.prospects as p
where p.slug is not null;
comment on view public.blueprint_reports is 'Blueprints: the columns that their readers may see';
grant select on public.blueprint_reports to
    authenticated, service_role, svc_leadmagnet_backend, svc_copy_of_gtm_os, svc_gtm_system;

create view public.blueprint_report_posts with (security_invoker = true) as
select
    r.tenant_id, r.slug, p.number, p.name, p.first_sentence,
    coalesce(p.finalized_content, p.post_content) as content, p.action_items
from public.posts as p
join public.prospects as r on r.id = p.prospect_id
where r.slug is not null and r.status = 'complete'
    and coalesce(p.finalized_content, p.post_content) is not null;
comment on view public.blueprint_report_posts is
    'The posts of complete blueprints, as their readers see them';
grant select on public.blueprint_report_posts to
    authenticated, service_role, svc_leadmagnet_backend, svc_copy_of_gtm_os, svc_gtm_system;

create function public.blueprint_report(slug text) returns setof public.blueprint_reports
language sql stable security definer
rows 1
set search_path = ''
as $$
    select r.* from public.blueprint_reports as r where r.slug = blueprint_report.slug
$$;
comment on function public.blueprint_report(text) is 'The blueprint at an address; there is no list of them';

create function public.blueprint_report_posts(slug text) returns setof public.blueprint_report_posts
language sql stable security definer
rows 60
set search_path = ''
as $$
    select r.* from public.blueprint_report_posts as r
    where r.slug = $1
    order by r.number
$$;
comment on function public.blueprint_report_posts(text) is 'The posts of the blueprint at an address';

grant execute on function public.blueprint_report(text), public.blueprint_report_posts(text) to
    anon, authenticated, service_role,
    svc_leadmagnet_backend, svc_copy_of_gtm_os, svc_gtm_system;
insert into access.definer_functions (function_name, reason) values
    ('public.blueprint_report', 'Open to whoever knows the address; a rule on the table would list them all'),
    ('public.blueprint_report_posts', 'Open to whoever knows the address of the blueprint');
