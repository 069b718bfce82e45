-- The tables of funnels: published pages, the leads they capture, and where leads are sent.

create table public.qualification_forms (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null default 'Default Form' check (char_length(btrim(name)) between 1 and 200),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.qualification_forms is 'A named set of survey questions that several funnels can use';
create index on public.qualification_forms (user_id);
create index on public.qualification_forms (team_id);
call platform.maintain_updated_at('qualification_forms');

create table public.libraries (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null check (char_length(btrim(name)) between 1 and 200),
    description text,
    icon text default '📚',
    slug text not null check (slug ~ '^[a-z0-9-]{1,100}$'),
    auto_feature_days integer default 14 check (auto_feature_days >= 0),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null,
    unique (user_id, slug)
);
comment on table public.libraries is 'A named collection of lead magnets and links';
comment on column public.libraries.auto_feature_days is 'For so many days an item counts as new';
create index on public.libraries (team_id);
call platform.maintain_updated_at('libraries');

create table public.external_resources (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    title text not null check (char_length(btrim(title)) between 1 and 200),
    url text not null check (url ~* '^https?://' and char_length(url) <= 2000),
    icon text default '🔗',
    click_count integer default 0 check (click_count >= 0),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null
);
comment on table public.external_resources is 'A link that is given away and whose clicks are counted';
comment on column public.external_resources.click_count is 'Kept by external_resource_clicks';
create index on public.external_resources (user_id);
create index on public.external_resources (team_id);
call platform.maintain_updated_at('external_resources');

create table public.funnel_pages (
    id uuid primary key default gen_random_uuid(),
    lead_magnet_id uuid references public.lead_magnets (id) on delete restrict,
    user_id uuid not null references public.users (id) on delete restrict,
    slug text not null check (slug ~ '^[a-z0-9-]{1,100}$'),
    optin_headline text not null check (char_length(optin_headline) between 1 and 500),
    optin_subline text check (char_length(optin_subline) <= 1000),
    optin_button_text text default 'Get Free Access' check (char_length(optin_button_text) <= 100),
    optin_social_proof text check (char_length(optin_social_proof) <= 1000),
    thankyou_headline text default 'Thanks! Check your email.'
        check (char_length(thankyou_headline) <= 500),
    thankyou_subline text check (char_length(thankyou_subline) <= 1000),
    vsl_url text check (vsl_url ~* '^https?://' and char_length(vsl_url) <= 2000),
    calendly_url text check (calendly_url ~* '^https?://' and char_length(calendly_url) <= 2000),
    qualification_pass_message text default 'Great! Book a call below.'
        check (char_length(qualification_pass_message) <= 1000),
    qualification_fail_message text default 'Thanks for your interest!'
        check (char_length(qualification_fail_message) <= 1000),
    is_published boolean default false,
    published_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    theme text default 'dark' check (theme in ('dark', 'light', 'custom')),
    primary_color text default '#8b5cf6' check (primary_color ~ '^#[0-9a-fA-F]{6}$'),
    background_style text default 'solid' check (background_style in ('solid', 'gradient', 'pattern')),
    logo_url text check (char_length(logo_url) <= 2000),
    target_type text not null default 'lead_magnet',
    library_id uuid references public.libraries (id) on delete restrict,
    external_resource_id uuid references public.external_resources (id) on delete restrict,
    qualification_form_id uuid references public.qualification_forms (id) on delete set null,
    custom_domain text check (custom_domain = lower(custom_domain)),
    team_id uuid references public.teams (id) on delete set null,
    font_family text check (char_length(font_family) <= 100),
    font_url text check (char_length(font_url) <= 2000),
    experiment_id uuid,
    is_variant boolean not null default false,
    variant_label text,
    redirect_trigger text not null default 'none'
        check (redirect_trigger in ('none', 'immediate', 'after_qualification')),
    redirect_url text check (redirect_url ~* '^https?://' and char_length(redirect_url) <= 2000),
    redirect_fail_url text
        check (redirect_fail_url ~* '^https?://' and char_length(redirect_fail_url) <= 2000),
    homepage_url text check (homepage_url ~* '^https?://' and char_length(homepage_url) <= 2000),
    homepage_label text check (char_length(homepage_label) <= 100),
    send_resource_email boolean not null default true,
    is_content_open boolean not null default false,
    unique (user_id, slug),
    unique (team_id, slug),
    constraint funnel_pages_target check (
        case target_type
            when 'lead_magnet' then
                lead_magnet_id is not null and library_id is null and external_resource_id is null
            when 'library' then
                library_id is not null and lead_magnet_id is null and external_resource_id is null
            when 'external_resource' then
                external_resource_id is not null and lead_magnet_id is null and library_id is null
            else false
        end)
);
comment on table public.funnel_pages is
    'A funnel: the page that asks for an e-mail address, its thank-you page, and what is given away';
comment on column public.funnel_pages.slug is
    'The last part of /p/{username}/{slug}, and of /{slug} on the domain of the team';
comment on column public.funnel_pages.target_type is 'What is given away; the matching reference is set';
comment on column public.funnel_pages.published_at is 'When it was published first';
comment on column public.funnel_pages.vsl_url is 'The video of the thank-you page';
comment on column public.funnel_pages.calendly_url is 'Where the qualified book a call';
comment on column public.funnel_pages.font_url is
    'Like font_family, a copy of the brand kit''s from when the page was made';
comment on column public.funnel_pages.redirect_trigger is
    'Whether visitors leave for redirect_url: never, after the opt-in, or after the survey';
comment on column public.funnel_pages.redirect_fail_url is 'For those who did not qualify';
comment on column public.funnel_pages.homepage_url is 'Instead of the website of the brand kit';
comment on column public.funnel_pages.custom_domain is
    'Of an earlier version, never routed; domains belong to teams: team_domains';
comment on column public.funnel_pages.is_variant is
    'An arm of an earlier experiment, kept as a page; now they are rows of ab_experiment_variants';
comment on column public.funnel_pages.is_content_open is
    'Whether everybody may read the content, without leaving an address';
create unique index funnel_pages_lead_magnet_key on public.funnel_pages (lead_magnet_id)
where not is_variant;
create unique index funnel_pages_library_key on public.funnel_pages (library_id)
where not is_variant;
create unique index funnel_pages_external_resource_key on public.funnel_pages (external_resource_id)
where not is_variant;
create unique index funnel_pages_custom_domain_key on public.funnel_pages (custom_domain)
where custom_domain is not null;
create index on public.funnel_pages (lead_magnet_id);
create index on public.funnel_pages (library_id);
create index on public.funnel_pages (external_resource_id);
create index on public.funnel_pages (qualification_form_id);
create index on public.funnel_pages (experiment_id) where experiment_id is not null;
call platform.maintain_updated_at('funnel_pages');

create function platform.keep_first_publication() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.published_at := coalesce(
        case when tg_op = 'UPDATE' then old.published_at end, new.published_at, pg_catalog.now());
    return new;
end
$$;
comment on function platform.keep_first_publication() is
    'Row trigger: published_at is the first time, however often it is published again';
create trigger keep_first_publication before insert or update of is_published, published_at
on public.funnel_pages for each row when (new.is_published)
execute function platform.keep_first_publication();

create table public.ab_experiments (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null check (char_length(btrim(name)) between 1 and 200),
    status text not null default 'draft' check (status in ('draft', 'running', 'paused', 'completed')),
    test_field text not null check (test_field in ('headline', 'subline', 'vsl_url', 'pass_message')),
    winner_id uuid references public.funnel_pages (id) on delete set null,
    significance double precision check (significance between 0 and 1),
    min_sample_size integer not null default 50 check (min_sample_size > 0),
    started_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    winning_variant_id uuid
);
comment on table public.ab_experiments is
    'A test of one field of a thank-you page: which value makes more leads answer the survey';
comment on column public.ab_experiments.test_field is
    'headline and subline of the thank-you page, its video, or the message to the qualified';
comment on column public.ab_experiments.significance is 'The p-value, once decided';
comment on column public.ab_experiments.min_sample_size is 'Views that each arm needs first';
comment on column public.ab_experiments.winner_id is
    'The winning page of an earlier experiment; now winning_variant_id';
create index on public.ab_experiments (funnel_page_id, created_at desc);
create unique index ab_experiments_unfinished_key on public.ab_experiments (funnel_page_id)
where status <> 'completed';
create index on public.ab_experiments (user_id);
create index on public.ab_experiments (winner_id) where winner_id is not null;
create index on public.ab_experiments (winning_variant_id) where winning_variant_id is not null;
call platform.maintain_updated_at('ab_experiments');
call access.state_machine('ab_experiments', 'status', '{
    "draft": ["running"],
    "running": ["paused", "completed"],
    "paused": ["running", "completed"]
}');

create table public.ab_experiment_variants (
    id uuid primary key default gen_random_uuid(),
    experiment_id uuid not null references public.ab_experiments (id) on delete cascade,
    position integer not null check (position >= 0),
    label text not null check (char_length(label) between 1 and 100),
    value text check (char_length(value) <= 2000),
    created_at timestamptz not null default now(),
    unique (experiment_id, position)
);
comment on table public.ab_experiment_variants is
    'An arm of an experiment: the value that it gives to the tested field';
comment on column public.ab_experiment_variants.position is
    'The order of the arms, which visitors are spread over; 0 is the page as it was';
comment on column public.ab_experiment_variants.value is 'Null takes the field away, such as no video';

alter table public.ab_experiments
    add foreign key (winning_variant_id)
    references public.ab_experiment_variants (id) on delete set null;
alter table public.funnel_pages
    add foreign key (experiment_id) references public.ab_experiments (id) on delete set null;

create table public.external_resource_clicks (
    id uuid primary key default gen_random_uuid(),
    external_resource_id uuid not null references public.external_resources (id) on delete cascade,
    funnel_page_id uuid references public.funnel_pages (id) on delete set null,
    library_id uuid references public.libraries (id) on delete set null,
    clicked_at timestamptz default now()
);
comment on table public.external_resource_clicks is
    'One click on a link that is given away, and where it stood';
create index on public.external_resource_clicks (external_resource_id, clicked_at desc);
create index on public.external_resource_clicks (funnel_page_id) where funnel_page_id is not null;
create index on public.external_resource_clicks (library_id) where library_id is not null;

-- The count belongs to the link's owner, whoever the click was written for.
create function platform.count_resource_click() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    update public.external_resources as r
    set click_count = coalesce(r.click_count, 0) + 1
    where r.id = new.external_resource_id;
    return null;
end
$$;
comment on function platform.count_resource_click() is 'Row trigger: keeps external_resources.click_count';
create trigger count_resource_click after insert on public.external_resource_clicks for each row
execute function platform.count_resource_click();

create table public.funnel_integrations (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete cascade,
    user_id uuid not null references public.users (id) on delete restrict,
    provider text not null
        check (provider in ('kit', 'mailerlite', 'mailchimp', 'activecampaign', 'gohighlevel')),
    list_id text not null,
    list_name text,
    tag_id text,
    tag_name text,
    is_active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    settings jsonb not null default '{}'::jsonb check (jsonb_typeof(settings) = 'object'),
    unique (funnel_page_id, provider)
);
comment on table public.funnel_integrations is
    'Where the leads of a funnel go: list and tag at an e-mail provider or CRM';
comment on column public.funnel_integrations.user_id is 'Whose credentials are used';
comment on column public.funnel_integrations.list_id is 'n/a for a CRM, which has no lists';
comment on column public.funnel_integrations.settings is '{custom_tags: [], …} and campaign ids';
create index on public.funnel_integrations (user_id);
call platform.maintain_updated_at('funnel_integrations');

create table public.funnel_leads (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    lead_magnet_id uuid references public.lead_magnets (id) on delete set null,
    user_id uuid not null references public.users (id) on delete restrict,
    email text not null check (
        email = lower(btrim(email)) and email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 255),
    name text check (char_length(name) <= 100),
    qualification_answers jsonb check (jsonb_typeof(qualification_answers) = 'object'),
    is_qualified boolean,
    utm_source text check (char_length(utm_source) <= 100),
    utm_medium text check (char_length(utm_medium) <= 100),
    utm_campaign text check (char_length(utm_campaign) <= 100),
    created_at timestamptz default now(),
    ip_address text,
    user_agent text check (char_length(user_agent) <= 1000),
    team_id uuid references public.teams (id) on delete set null,
    qualification_questions jsonb check (jsonb_typeof(qualification_questions) = 'object'),
    answered_at timestamptz,
    linkedin_url text check (char_length(linkedin_url) <= 500),
    fbc text check (char_length(fbc) <= 500),
    fbp text check (char_length(fbp) <= 500),
    has_ad_consent boolean,
    variant_id uuid references public.ab_experiment_variants (id) on delete set null,
    unique (funnel_page_id, email)
);
comment on table public.funnel_leads is
    'One person who opted in on one page, however often they came';
comment on column public.funnel_leads.lead_magnet_id is 'Null for libraries and links';
comment on column public.funnel_leads.qualification_answers is 'Question id → answer';
comment on column public.funnel_leads.qualification_questions is
    'Question id → its text when it was answered, for questions change';
comment on column public.funnel_leads.is_qualified is 'Null until the survey is answered';
comment on column public.funnel_leads.answered_at is
    'The first answers; they may be corrected for a day, without telling anybody again';
comment on column public.funnel_leads.ip_address is 'For limits and ad matching; removed after 30 days';
comment on column public.funnel_leads.fbc is 'Click and browser (fbp) id of Meta''s cookies, for conversions';
comment on column public.funnel_leads.has_ad_consent is
    'Whether the person agreed to ad measurement; null when they were not asked';
comment on column public.funnel_leads.variant_id is 'The arm of the experiment that the person saw';
create index on public.funnel_leads (funnel_page_id, created_at desc);
create index on public.funnel_leads (user_id, created_at desc);
create index on public.funnel_leads (team_id, created_at desc);
create index on public.funnel_leads (lower(email));
create index on public.funnel_leads (lead_magnet_id) where lead_magnet_id is not null;
create index on public.funnel_leads (variant_id) where variant_id is not null;

create table public.funnel_page_sections (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete cascade,
    section_type text not null check (section_type in (
        'logo_bar', 'steps', 'testimonial', 'marketing_block', 'section_bridge')),
    page_location text not null check (page_location in ('optin', 'thankyou', 'content')),
    sort_order integer not null default 0 check (sort_order between 0 and 999),
    is_visible boolean not null default true,
    config jsonb not null default '{}'::jsonb check (jsonb_typeof(config) = 'object'),
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);
comment on table public.funnel_page_sections is 'A block of a funnel page, such as steps or a testimonial';
comment on column public.funnel_page_sections.sort_order is
    'Below 50 it stands above the form or the video, from 50 on below';
comment on column public.funnel_page_sections.config is 'In the shape of its section_type';
create index on public.funnel_page_sections (funnel_page_id, page_location, sort_order);
call platform.maintain_updated_at('funnel_page_sections');

create table public.library_items (
    id uuid primary key default gen_random_uuid(),
    library_id uuid not null references public.libraries (id) on delete cascade,
    asset_type text not null,
    lead_magnet_id uuid references public.lead_magnets (id) on delete cascade,
    external_resource_id uuid references public.external_resources (id) on delete cascade,
    icon_override text,
    sort_order integer not null default 0,
    is_featured boolean default false,
    added_at timestamptz default now(),
    unique (library_id, lead_magnet_id),
    unique (library_id, external_resource_id),
    constraint library_items_asset check (
        case asset_type
            when 'lead_magnet' then lead_magnet_id is not null and external_resource_id is null
            when 'external_resource' then external_resource_id is not null and lead_magnet_id is null
            else false
        end)
);
comment on table public.library_items is 'A lead magnet or a link in a collection';
comment on column public.library_items.asset_type is 'lead_magnet or external_resource: which one is set';
create index on public.library_items (library_id, sort_order);
create index on public.library_items (lead_magnet_id) where lead_magnet_id is not null;
create index on public.library_items (external_resource_id) where external_resource_id is not null;

create table public.page_views (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid not null references public.funnel_pages (id) on delete restrict,
    visitor_hash text not null check (char_length(visitor_hash) between 1 and 128),
    view_date date not null default current_date,
    created_at timestamptz default now(),
    page_type text not null default 'optin' check (page_type in ('optin', 'thankyou', 'content')),
    variant_id uuid references public.ab_experiment_variants (id) on delete set null,
    constraint page_views_visitor_key unique (funnel_page_id, view_date, page_type, visitor_hash)
);
comment on table public.page_views is 'One visitor of one page on one day (UTC)';
comment on column public.page_views.visitor_hash is
    'A keyed hash of address and browser whose key changes daily: a visitor of two days is two';
comment on column public.page_views.variant_id is 'The arm of the experiment that was shown';
create index on public.page_views (variant_id) where variant_id is not null;

create table public.qualification_questions (
    id uuid primary key default gen_random_uuid(),
    funnel_page_id uuid references public.funnel_pages (id) on delete cascade,
    question_text text not null check (char_length(btrim(question_text)) between 1 and 1000),
    question_order integer default 0,
    qualifying_answer jsonb,
    created_at timestamptz default now(),
    answer_type text not null default 'yes_no'
        check (answer_type in ('yes_no', 'text', 'textarea', 'multiple_choice')),
    options jsonb check (jsonb_typeof(options) = 'array'),
    placeholder text check (char_length(placeholder) <= 200),
    is_qualifying boolean not null default true,
    is_required boolean not null default true,
    form_id uuid references public.qualification_forms (id) on delete cascade,
    constraint qualification_questions_one_parent check (num_nonnulls(funnel_page_id, form_id) = 1),
    constraint qualification_questions_choices check (
        case
            when answer_type <> 'multiple_choice' then true
            when options is null or jsonb_typeof(options) <> 'array' then false
            when jsonb_array_length(options) < 2 then false
            when not is_qualifying then true
            else coalesce(
                jsonb_typeof(qualifying_answer) = 'array' and qualifying_answer <> '[]'::jsonb
                and qualifying_answer <@ options, false)
        end),
    constraint qualification_questions_yes_or_no check (
        answer_type <> 'yes_no' or qualifying_answer is null
        or qualifying_answer in ('"yes"'::jsonb, '"no"'::jsonb, 'null'::jsonb))
);
comment on table public.qualification_questions is
    'A question of a survey, of one funnel or of a form that funnels share';
comment on column public.qualification_questions.options is 'The choices, an array of strings, two or more';
comment on column public.qualification_questions.is_qualifying is
    'Whether the answer decides who is qualified; never shown to visitors, like qualifying_answer';
comment on column public.qualification_questions.qualifying_answer is
    '"yes" or "no", or an array of the accepted choices, or null';
create index on public.qualification_questions (form_id, question_order);
create index on public.qualification_questions (funnel_page_id, question_order);

create table public.team_domains (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null unique references public.teams (id) on delete restrict,
    domain text not null unique check (
        char_length(domain) <= 253
        and domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    vercel_domain_id text,
    status text not null default 'pending_dns'
        check (status in ('pending_dns', 'verified', 'active', 'error')),
    dns_config jsonb,
    last_checked_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.team_domains is 'The web domain on which a team''s pages are shown';
comment on column public.team_domains.dns_config is
    '{type: CNAME, name, value, verification: [{type, domain, value, reason}]}: what the owner has to set';
comment on column public.team_domains.status is 'active: pages are served on it';
call platform.maintain_updated_at('team_domains');
call access.state_machine('team_domains', 'status', '{
    "pending_dns": ["verified", "active", "error"],
    "verified": ["active", "pending_dns", "error"],
    "active": ["pending_dns", "error"],
    "error": ["pending_dns", "verified", "active"]
}');

create table public.team_email_domains (
    id uuid primary key default gen_random_uuid(),
    team_id uuid not null unique references public.teams (id) on delete restrict,
    domain text not null unique check (
        char_length(domain) <= 253
        and domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    resend_domain_id text,
    status text not null default 'pending' check (status in ('pending', 'verified', 'failed')),
    dns_records jsonb,
    region text not null default 'us-east-1',
    last_checked_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.team_email_domains is 'The domain from which a team''s mail is sent';
comment on column public.team_email_domains.dns_records is
    'What the owner has to set: '
    '[{record: SPF, DKIM, DMARC or MX, name, type, value, ttl, status, priority?}]';
call platform.maintain_updated_at('team_email_domains');
call access.state_machine('team_email_domains', 'status', '{
    "pending": ["verified", "failed"],
    "verified": ["pending", "failed"],
    "failed": ["pending", "verified"]
}');

create table public.tracking_pixel_events (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    lead_id uuid references public.funnel_leads (id) on delete set null,
    provider text not null check (provider in ('meta', 'linkedin')),
    event_name text not null
        check (event_name in ('Lead', 'CompleteRegistration', 'Qualified', 'PageView')),
    event_id text,
    status text not null default 'pending' check (status in ('pending', 'sent', 'failed')),
    error_message text,
    created_at timestamptz not null default now(),
    team_id uuid references public.teams (id) on delete set null,
    dedupe_key text unique,
    attempts integer not null default 0 check (attempts >= 0),
    sent_at timestamptz
);
comment on table public.tracking_pixel_events is
    'A conversion told to an ad platform by the server, and how it went';
comment on column public.tracking_pixel_events.event_id is
    'The lead''s id, or {lead id}-qualified: the platform counts browser and server once by it';
comment on column public.tracking_pixel_events.dedupe_key is
    'provider:event_name:event_id, so that each goes out once; null in adopted rows';
create index on public.tracking_pixel_events (user_id, created_at desc);
create index on public.tracking_pixel_events (team_id, created_at desc) where team_id is not null;
create index on public.tracking_pixel_events (lead_id) where lead_id is not null;
call access.state_machine('tracking_pixel_events', 'status', '{
    "pending": ["sent", "failed"],
    "failed": ["pending", "sent"]
}');

create table public.user_integrations (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    service text not null check (service in (
        'resend', 'kit', 'mailerlite', 'mailchimp', 'activecampaign', 'gohighlevel', 'heyreach',
        'meta_pixel', 'linkedin_insight', 'iclosed_widget', 'conductor', 'unipile',
        'grain', 'fireflies', 'fathom')),
    api_key text,
    webhook_secret text,
    is_active boolean default true,
    last_verified_at timestamptz,
    metadata jsonb default '{}'::jsonb check (jsonb_typeof(metadata) = 'object'),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (user_id, service)
);
comment on table public.user_integrations is 'An outside service that a person has connected';
comment on column public.user_integrations.api_key is 'Encrypted, like webhook_secret; never shown again';
comment on column public.user_integrations.metadata is
    'What is not secret, by service: sender, account name, base URL, pixel ids and events';
call platform.maintain_updated_at('user_integrations');

create table public.webhook_configs (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    name text not null check (char_length(btrim(name)) between 1 and 100),
    url text not null check (url ~* '^https?://' and char_length(url) <= 2000),
    is_active boolean default true,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    team_id uuid references public.teams (id) on delete set null,
    signing_secret text
);
comment on table public.webhook_configs is 'An address of a person''s or a team''s own that is told of leads';
comment on column public.webhook_configs.signing_secret is
    'Encrypted; signs each delivery as Standard Webhooks has it; shown once';
create index on public.webhook_configs (user_id);
create index on public.webhook_configs (team_id);
call platform.maintain_updated_at('webhook_configs');

create table public.webhook_deliveries (
    id uuid primary key default gen_random_uuid(),
    webhook_config_id uuid references public.webhook_configs (id) on delete set null,
    user_id uuid not null references public.users (id) on delete restrict,
    team_id uuid references public.teams (id) on delete set null,
    funnel_lead_id uuid references public.funnel_leads (id) on delete set null,
    event text not null check (event in ('lead.created', 'lead.qualified', 'test')),
    url text not null check (char_length(url) <= 2000),
    payload jsonb not null check (jsonb_typeof(payload) = 'object'),
    status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
    attempts integer not null default 0 check (attempts >= 0),
    next_attempt_at timestamptz default now(),
    last_attempt_at timestamptz,
    delivered_at timestamptz,
    response_status integer check (response_status between 100 and 599),
    response_excerpt text check (char_length(response_excerpt) <= 2000),
    duration_ms integer check (duration_ms >= 0),
    error text check (char_length(error) <= 2000),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (funnel_lead_id, webhook_config_id, event),
    constraint webhook_deliveries_next_attempt check (
        case status when 'pending' then next_attempt_at is not null else next_attempt_at is null end),
    constraint webhook_deliveries_delivered_when check (
        status <> 'delivered' or delivered_at is not null)
);
comment on table public.webhook_deliveries is 'One notice to one webhook, and how it went';
comment on column public.webhook_deliveries.id is 'Also the message id, the same at every attempt';
comment on column public.webhook_deliveries.url is 'Where it goes: the webhook may change or be deleted';
comment on column public.webhook_deliveries.status is
    'pending has a next attempt; failed has none, until somebody sends it again';
comment on column public.webhook_deliveries.response_excerpt is 'The beginning of the last answer';
create index on public.webhook_deliveries (webhook_config_id, created_at desc);
create index on public.webhook_deliveries (user_id, created_at desc);
create index on public.webhook_deliveries (team_id) where team_id is not null;
create index on public.webhook_deliveries (next_attempt_at) where status = 'pending';
call platform.maintain_updated_at('webhook_deliveries');
call access.state_machine('webhook_deliveries', 'status', '{
    "pending": ["delivered", "failed"],
    "failed": ["pending"],
    "delivered": ["pending"]
}');

create table public.email_sequence_enrolments (
    id uuid primary key default gen_random_uuid(),
    email_sequence_id uuid not null references public.email_sequences (id) on delete cascade,
    funnel_lead_id uuid not null references public.funnel_leads (id) on delete restrict,
    status text not null default 'active' check (status in ('active', 'completed', 'stopped')),
    stopped_reason text,
    enrolled_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (email_sequence_id, funnel_lead_id)
);
comment on table public.email_sequence_enrolments is
    'A lead who gets the welcome mails of a lead magnet, once';
comment on column public.email_sequence_enrolments.stopped_reason is
    'Such as: unsubscribed, sequence paused, lead deleted';
create index on public.email_sequence_enrolments (funnel_lead_id);
call platform.maintain_updated_at('email_sequence_enrolments');
call access.state_machine('email_sequence_enrolments', 'status', '{
    "active": ["completed", "stopped"],
    "stopped": ["active"]
}');

alter table public.interactive_chats
    add foreign key (funnel_lead_id) references public.funnel_leads (id) on delete set null;

-- A published page by its address, in one call. Accounts, teams, domains and content are not for
-- visitors, so these look there on behalf of the service that serves the pages, and answer it alone.

create function public.find_published_funnel(page_id uuid)
returns table (
    funnel_page_id uuid, user_id uuid, team_id uuid, acting_user_id uuid,
    username text, slug text, author_name text,
    site_name text, favicon_url text, hide_branding boolean,
    page public.funnel_pages, lead_magnet public.lead_magnets, sections jsonb
)
language sql stable security definer
set search_path = ''
as $$
    select
        f.id, f.user_id, f.team_id, coalesce(t.owner_id, f.user_id), u.username, f.slug, u.name,
        case when t.whitelabel_enabled then t.custom_site_name end,
        case when t.whitelabel_enabled then t.custom_favicon_url end,
        coalesce(t.whitelabel_enabled and t.hide_branding, false),
        f, m,
        (
            select coalesce(pg_catalog.jsonb_agg(s order by s.sort_order, s.id), '[]')
            from public.funnel_page_sections as s
            where s.funnel_page_id = f.id and s.is_visible
        )
    from public.funnel_pages as f
    join public.users as u on u.id = f.user_id
    left join public.teams as t on t.id = f.team_id
    left join public.lead_magnets as m on m.id = f.lead_magnet_id
    where f.id = page_id and f.is_published and not f.is_variant
$$;
comment on function public.find_published_funnel(uuid) is
    'A published page with all that is shown on it, whose it is, and for whom the service acts there';

create function public.find_published_funnel_of_user(owner_name text, page_slug text)
returns table (
    funnel_page_id uuid, user_id uuid, team_id uuid, acting_user_id uuid,
    username text, slug text, author_name text,
    site_name text, favicon_url text, hide_branding boolean,
    page public.funnel_pages, lead_magnet public.lead_magnets, sections jsonb
)
language sql stable security definer
set search_path = ''
as $$
    select found.*
    from public.users as u
    join public.funnel_pages as f on f.user_id = u.id and f.slug = page_slug
    cross join lateral public.find_published_funnel(f.id) as found
    where lower(u.username) = lower(owner_name)
$$;
comment on function public.find_published_funnel_of_user(text, text) is
    'The published page at /p/{username}/{slug}';

create function public.find_published_funnel_of_host(host text, page_slug text)
returns table (
    funnel_page_id uuid, user_id uuid, team_id uuid, acting_user_id uuid,
    username text, slug text, author_name text,
    site_name text, favicon_url text, hide_branding boolean,
    page public.funnel_pages, lead_magnet public.lead_magnets, sections jsonb
)
language sql stable security definer
set search_path = ''
as $$
    select found.*
    from public.team_domains as d
    join public.funnel_pages as f on f.team_id = d.team_id and f.slug = page_slug
    cross join lateral public.find_published_funnel(f.id) as found
    where d.domain = lower(host) and d.status = 'active'
$$;
comment on function public.find_published_funnel_of_host(text, text) is
    'The published page at /{slug} of a team''s own domain';

grant execute on function
    public.find_published_funnel(uuid),
    public.find_published_funnel_of_user(text, text),
    public.find_published_funnel_of_host(text, text)
to service_role, svc_magnetlab;

-- The content of a lead magnet is for leads; where its owner has opened it, for everybody.
create function public.get_published_content(page_id uuid)
returns table (
    lead_magnet_id uuid, title text, archetype public.lead_magnet_archetype,
    extracted_content jsonb, polished_content jsonb, interactive_config jsonb, external_url text
)
language sql stable security definer
set search_path = ''
as $$
    select
        m.id, m.title, m.archetype, m.extracted_content, m.polished_content,
        m.interactive_config - 'systemPrompt', m.external_url
    from public.funnel_pages as f
    join public.lead_magnets as m on m.id = f.lead_magnet_id
    where f.id = page_id and f.is_published and f.is_content_open and not f.is_variant
$$;
comment on function public.get_published_content(uuid) is
    'The content behind a published page that its owner has opened to everybody';
insert into access.definer_functions (function_name, reason) values (
    'public.get_published_content',
    'Content that its owner opened to everybody, without a chat''s prompt, which no column grant cuts out'
);
grant execute on function public.get_published_content(uuid) to
    anon, authenticated, service_role, svc_magnetlab;

-- People whom an owner invited the earlier way read cards of the owner's lead magnets, not their content.
create function public.list_catalogue()
returns table (
    lead_magnet_id uuid, owner_id uuid, title text, archetype public.lead_magnet_archetype,
    pain_point text, target_audience text, short_description text,
    status public.lead_magnet_status, thumbnail_url text, username text, slug text
)
language sql stable security definer
set search_path = ''
as $$
    select
        m.id, m.user_id, m.title, m.archetype, m.pain_point, m.target_audience, m.short_description,
        m.status, m.thumbnail_url, u.username, f.slug
    from public.team_members as i
    join public.lead_magnets as m on m.user_id = i.owner_id
    join public.users as u on u.id = i.owner_id
    left join public.funnel_pages as f
        on f.lead_magnet_id = m.id and f.is_published and not f.is_variant
    where i.member_id = auth.uid() and i.status = 'active'
    order by m.updated_at desc, m.id
$$;
comment on function public.list_catalogue() is
    'Cards of the lead magnets of those who invited the acting user; the slug is that of a published page';
insert into access.definer_functions (function_name, reason) values (
    'public.list_catalogue', 'Cards for the acting user''s own invitations; column grants are not per person'
);
grant execute on function public.list_catalogue() to authenticated, service_role, svc_magnetlab;

-- Access.

call access.owner('qualification_forms');
call access.written_by('qualification_forms', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('funnel_pages');
call access.references_seen('funnel_pages', 'lead_magnet_id', 'lead_magnets');
call access.references_seen('funnel_pages', 'library_id', 'libraries');
call access.references_seen('funnel_pages', 'external_resource_id', 'external_resources');
call access.references_seen('funnel_pages', 'qualification_form_id', 'qualification_forms');
call access.guard('funnel_pages', '{experiment_id, is_variant, variant_label}');
-- Without where bookings and redirects lead: those are for leads, and some for the qualified alone.
call access.public_read(
    'funnel_pages', '{row}.is_published and not {row}.is_variant',
    columns => '{
        id, lead_magnet_id, library_id, external_resource_id, qualification_form_id, target_type, slug,
        optin_headline, optin_subline, optin_button_text, optin_social_proof,
        thankyou_headline, thankyou_subline, vsl_url,
        qualification_pass_message, qualification_fail_message,
        is_published, is_variant, published_at, updated_at,
        theme, primary_color, background_style, logo_url, font_family, font_url,
        redirect_trigger, homepage_url, homepage_label, is_content_open
    }');
call access.written_by('funnel_pages', 'magnetlab', 'funnels', '{copy_of_gtm_os, gtm_system}');

call access.through('funnel_page_sections', 'funnel_page_id', 'funnel_pages');
call access.public_through(
    'funnel_page_sections', 'funnel_page_id', 'funnel_pages', condition => '{row}.is_visible');
call access.written_by('funnel_page_sections', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through_either(
    'qualification_questions', 'funnel_page_id', 'funnel_pages', 'form_id', 'qualification_forms');
call access.public_read(
    'qualification_questions',
    'exists (
        select from public.funnel_pages as shown
        where shown.id = {row}.funnel_page_id and shown.is_published and not shown.is_variant
            and shown.qualification_form_id is null
    ) or exists (
        select from public.funnel_pages as shown
        where shown.qualification_form_id = {row}.form_id and shown.is_published and not shown.is_variant
    )',
    columns => '{
        id, funnel_page_id, form_id, question_text, question_order, answer_type, options, placeholder,
        is_required
    }',
    reason => 'The survey of a published page, without what qualifies');
call access.written_by('qualification_questions', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('libraries');
call access.public_read(
    'libraries',
    'exists (
        select from public.funnel_pages as f
        where f.library_id = {row}.id and f.is_published and not f.is_variant
    )',
    columns => '{id, name, description, icon, slug, auto_feature_days}',
    reason => 'Published with its funnel');
call access.written_by('libraries', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('library_items', 'library_id', 'libraries');
call access.references_seen('library_items', 'lead_magnet_id', 'lead_magnets');
call access.references_seen('library_items', 'external_resource_id', 'external_resources');
call access.public_through('library_items', 'library_id', 'libraries');
call access.written_by('library_items', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- Titles and pictures; where a link leads is told by the redirect that counts the click.
call access.owner('external_resources');
call access.guard('external_resources', '{click_count}');
call access.public_read(
    'external_resources',
    'exists (
        select from public.funnel_pages as f
        where f.external_resource_id = {row}.id and f.is_published and not f.is_variant
    ) or exists (
        select from public.library_items as i where i.external_resource_id = {row}.id
    )',
    columns => '{id, title, icon}',
    reason => 'Published with its funnel or library');
call access.written_by('external_resources', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.public_read(
    'lead_magnets',
    'exists (
        select from public.funnel_pages as f
        where f.lead_magnet_id = {row}.id and f.is_published and not f.is_variant
    ) or exists (
        select from public.library_items as i where i.lead_magnet_id = {row}.id
    )',
    columns => '{id, title, archetype, short_description, thumbnail_url}',
    reason => 'Published with its funnel or library; the content is not among these columns');
call access.apply('lead_magnets');

call access.through('external_resource_clicks', 'external_resource_id', 'external_resources',
    commands => '{select}');
call access.written_by('external_resource_clicks', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('ab_experiments', 'funnel_page_id', 'funnel_pages');
call access.authored('ab_experiments');
call access.guard('ab_experiments', '{
    status, winner_id, winning_variant_id, significance, started_at, completed_at
}');
call access.written_by('ab_experiments', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('ab_experiment_variants', 'experiment_id', 'ab_experiments');
call access.written_by('ab_experiment_variants', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.through('funnel_integrations', 'funnel_page_id', 'funnel_pages');
call access.authored('funnel_integrations');
call access.written_by('funnel_integrations', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('funnel_leads', commands => '{select}');
call access.secret('funnel_leads', '{ip_address, fbc, fbp}');
call access.written_by('funnel_leads', 'magnetlab', 'funnels', '{copy_of_gtm_os, gtm_system}');

call access.through('page_views', 'funnel_page_id', 'funnel_pages', commands => '{select}');
call access.written_by('page_views', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.team('team_domains', owners_only => true, commands => '{select}');
call access.written_by('team_domains', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.team('team_email_domains', owners_only => true, commands => '{select}');
call access.written_by('team_email_domains', 'magnetlab', 'funnels', '{copy_of_gtm_os, gtm_system}');

call access.owner('tracking_pixel_events', commands => '{select}');
call access.written_by('tracking_pixel_events', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- Credentials are tried before they are kept, so only the service writes them.
call access.owner('user_integrations', commands => '{select}');
call access.secret('user_integrations', '{api_key, webhook_secret}');
call access.written_by('user_integrations', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('webhook_configs');
call access.secret('webhook_configs', '{signing_secret}');
call access.written_by('webhook_configs', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

call access.owner('webhook_deliveries', commands => '{select}');
call access.written_by('webhook_deliveries', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- The mail service enrols leads and writes their messages in one transaction.
call access.through(
    'email_sequence_enrolments', 'email_sequence_id', 'email_sequences', commands => '{select}');
call access.written_by('email_sequence_enrolments', 'gtm_system', 'lead_magnets', '{magnetlab}');
