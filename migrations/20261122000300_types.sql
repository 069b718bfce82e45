-- The application's enums: the values of the reference, in its order.

create type public.api_key_provider as enum (
    'anthropic',
    'gemini',
    'apify',
    'tavily'
);

create type public.blueprint_offer_type as enum (
    'bootcamp',
    'gc',
    'none'
);

create type public.builder_step as enum (
    'interview',
    'concept',
    'testing',
    'branding',
    'complete'
);

create type public.connector_creator as enum (
    'system',
    'ai_builder',
    'manual'
);

create type public.connector_status as enum (
    'draft',
    'testing',
    'active',
    'degraded'
);

create type public.connector_type as enum (
    'apify',
    'tavily',
    'web_scrape',
    'custom'
);

create type public.delivery_source as enum (
    'plusvibe',
    'heyreach',
    'smartlead',
    'form',
    'api'
);

create type public.delivery_status as enum (
    'pending',
    'acknowledged',
    'processing',
    'delivered',
    'error'
);

create type public.dlm_status as enum (
    'draft',
    'testing',
    'live'
);

create type public.integration_provider as enum (
    'plusvibe',
    'heyreach',
    'smartlead',
    'resend'
);

create type public.intro_offer_deliverable_status as enum (
    'pending',
    'in_progress',
    'review',
    'completed',
    'delivered',
    'error'
);

create type public.intro_offer_deliverable_type as enum (
    'posts',
    'lead_magnet',
    'funnel',
    'heyreach_account',
    'heyreach_lists'
);

create type public.intro_offer_status as enum (
    'created',
    'payment_received',
    'provisioning',
    'interview_pending',
    'fulfilling',
    'review',
    'delivered',
    'handed_off'
);

create type public.lead_magnet_archetype as enum (
    'single-breakdown',
    'single-system',
    'focused-toolkit',
    'single-calculator',
    'focused-directory',
    'mini-training',
    'one-story',
    'prompt',
    'assessment',
    'workflow'
);

create type public.lead_magnet_status as enum (
    'draft',
    'published',
    'scheduled',
    'archived'
);

create type public.lead_status as enum (
    'pending',
    'scraping',
    'analyzing',
    'scoring',
    'composing',
    'notifying',
    'complete',
    'error',
    'qualified',
    'meeting_booked',
    'meeting_attended'
);

create type public.lms_content_type as enum (
    'video',
    'slide_deck',
    'guide',
    'clay_table',
    'ai_tool',
    'text',
    'external_link',
    'credentials',
    'sop_link'
);

create type public.monthly_plan as enum (
    'starter',
    'growth',
    'scale'
);

create type public.tam_company_source as enum (
    'serper',
    'storeleads',
    'apollo',
    'blitzapi',
    'smartscout',
    'discolike',
    'prospeo',
    'csv_import'
);

create type public.tam_contact_source as enum (
    'blitzapi',
    'apollo',
    'prospeo',
    'csv_import'
);

create type public.tam_email_status as enum (
    'found',
    'verified',
    'catch_all',
    'invalid',
    'not_found'
);

create type public.tam_job_status as enum (
    'pending',
    'running',
    'awaiting_approval',
    'completed',
    'failed'
);

create type public.tam_job_type as enum (
    'source_companies',
    'qualify',
    'find_contacts',
    'enrich_emails',
    'check_linkedin',
    'refine_discolike'
);

create type public.tam_project_status as enum (
    'draft',
    'sourcing',
    'enriching',
    'complete'
);

create type public.tam_qualification_status as enum (
    'pending',
    'qualified',
    'disqualified'
);

create type public.tenant_status as enum (
    'setup_pending',
    'onboarding',
    'active',
    'churned'
);
