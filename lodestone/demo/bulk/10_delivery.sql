-- Client work, and the mailboxes and markets behind it.

-- proposals: 4 rows
insert into proposals (
    id, tenant_id, slug, prospect_id, status, client_name, client_company, headline, executive_summary, services, pricing,
    monthly_rate_cents, view_count
)
select
    md5($1 || 'proposals' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, $1 || '-proposal-' || i,
    md5($1 || 'prospects' || i)::uuid, (array['draft', 'published', 'signed', 'archived'])[i], 'Client ' || i,
    'Company ' || i, 'Ten calls a month, without ads', 'What we do in ninety days.', '[{"name": "Outbound"}]',
    '{"total": "4,000"}', 400000, (i * 3)::integer
from generate_series($2::bigint, $3::bigint) as i

-- dfy_engagements: 5 rows
insert into dfy_engagements (
    id, tenant_id, client_name, client_email, client_company, portal_slug, status, monthly_rate, start_date, intake_status
)
select
    md5($1 || 'dfy_engagements' || i)::uuid, md5($1 || 'tenants' || 1 + i / 4)::uuid, 'Client ' || i,
    'client' || i || '.' || $1 || '@example.org', 'Company ' || i, $1 || '-client-' || i,
    (array['onboarding', 'active', 'active', 'paused', 'completed'])[i], 400000, current_date - 60, 'ready'
from generate_series($2::bigint, $3::bigint) as i

-- dfy_deliverables: 64 rows, grows
insert into dfy_deliverables (id, engagement_id, name, category, status, due_date, sort_order, automation_type, automation_status)
select
    md5($1 || 'dfy_deliverables' || i)::uuid, md5($1 || 'dfy_engagements' || 1 + i % 5)::uuid, 'Deliverable ' || i,
    (array['onboarding', 'content', 'funnel', 'outbound'])[1 + i % 4],
    (array['pending', 'in_progress', 'review', 'approved', 'completed'])[1 + i % 5], current_date + (i % 30)::integer,
    (i / 5)::integer, case when i % 3 = 0 then 'lead_magnet_create' end, case when i % 3 = 0 then 'completed' else 'none' end
from generate_series($2::bigint, $3::bigint) as i

-- dfy_automation_runs: 24 rows, grows
insert into dfy_automation_runs (id, engagement_id, deliverable_id, automation_type, status, started_at, completed_at)
select
    md5($1 || 'dfy_automation_runs' || i)::uuid, d.engagement_id, d.id, 'lead_magnet_create',
    case when i % 8 = 0 then 'failed' else 'completed' end, now() - i * interval '9 hours',
    now() - i * interval '9 hours' + interval '4 minutes'
from generate_series($2::bigint, $3::bigint) as i
join dfy_deliverables as d on d.id = md5($1 || 'dfy_deliverables' || i)::uuid

-- dfy_activity_log: 98 rows, grows
insert into dfy_activity_log (id, engagement_id, deliverable_id, action, description, actor, client_visible, created_at)
select
    md5($1 || 'dfy_activity_log' || i)::uuid, d.engagement_id, d.id,
    (array['status_changed', 'comment_added', 'file_shared'])[1 + i % 3], 'Moved to review', 'Noa', i % 2 = 0,
    now() - i * interval '5 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (dfy_deliverables bigint)
join dfy_deliverables as d on d.id = md5($1 || 'dfy_deliverables' || 1 + i % n.dfy_deliverables)::uuid

-- dfy_client_sessions: 6 rows
insert into dfy_client_sessions (id, token, engagement_id, email, expires_at, kind)
select
    md5($1 || 'dfy_client_sessions' || i)::uuid, md5($1 || '/' || i) || md5($1 || 'session' || i), e.id, e.client_email,
    now() + interval '7 days', 'session'
from generate_series($2::bigint, $3::bigint) as i
join dfy_engagements as e on e.id = md5($1 || 'dfy_engagements' || 1 + i % 5)::uuid

-- dfy_intake_files: 6 rows
insert into dfy_intake_files (id, engagement_id, file_name, file_type, storage_path, file_size)
select
    md5($1 || 'dfy_intake_files' || i)::uuid, md5($1 || 'dfy_engagements' || 1 + i % 5)::uuid, 'brief.pdf', 'application/pdf',
    $1 || '/intake/' || i || '.pdf', (40000 + i)::integer
from generate_series($2::bigint, $3::bigint) as i

-- intro_offers: 4 rows
insert into intro_offers (id, tenant_id, lead_id, prospect_id, status, amount_paid, stripe_payment_intent_id)
select
    md5($1 || 'intro_offers' || i)::uuid, l.tenant_id, l.id, md5($1 || 'prospects' || i)::uuid,
    (array['created', 'payment_received', 'interview_pending', 'fulfilling'])[i]::intro_offer_status, 99700,
    'pi_' || md5($1 || 'offer' || i)
from generate_series($2::bigint, $3::bigint) as i
join leads as l on l.id = md5($1 || 'leads' || i)::uuid

-- intro_offer_deliverables: 12 rows
insert into intro_offer_deliverables (id, offer_id, type, status, title, delivery_order)
select
    md5($1 || 'intro_offer_deliverables' || i)::uuid, md5($1 || 'intro_offers' || 1 + i % 4)::uuid,
    (enum_range(null::intro_offer_deliverable_type))[1 + i / 4], 'pending', 'Part ' || 1 + i / 4, (i / 4)::integer
from generate_series($2::bigint, $3::bigint) as i

-- linear_slack_threads: 16 rows, grows
insert into linear_slack_threads (id, tenant_id, linear_issue_id, slack_message_ts, slack_channel_id)
select
    md5($1 || 'linear_slack_threads' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, $1 || '-' || i, '17000000.' || i, 'C0001'
from generate_series($2::bigint, $3::bigint) as i

-- infra_tiers: 3 rows
insert into infra_tiers (id, tenant_id, name, slug, domain_count, setup_fee_cents, monthly_fee_cents, sort_order)
select
    md5($1 || 'infra_tiers' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, i * 5 || ' domains', 'tier-' || i, (i * 5)::integer,
    (i * 10000)::integer, (i * 9000)::integer, i::integer
from generate_series($2::bigint, $3::bigint) as i

-- infra_outreach_pricing: 1 rows
insert into infra_outreach_pricing (id, tenant_id, setup_fee_cents, monthly_fee_cents)
select md5($1 || 'infra_outreach_pricing' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 9900, 4900
from generate_series($2::bigint, $3::bigint) as i

-- infra_provisions: 3 rows
insert into infra_provisions (id, student_id, tier_id, status, mailbox_pattern_1, mailbox_pattern_2)
select
    md5($1 || 'infra_provisions' || i)::uuid, md5($1 || 'bootcamp_students' || i)::uuid, md5($1 || 'infra_tiers' || i)::uuid,
    (array['active', 'provisioning', 'pending_payment'])[i], 'first', 'first.last'
from generate_series($2::bigint, $3::bigint) as i

-- infra_domains: 12 rows
insert into infra_domains (id, provision_id, domain_name, status, price_cents, mailboxes)
select
    md5($1 || 'infra_domains' || i)::uuid, md5($1 || 'infra_provisions' || 1 + i % 3)::uuid, $1 || '-box-' || i || '.example.com',
    (array['active', 'connected', 'pending'])[1 + i % 3], 1200, '[]'
from generate_series($2::bigint, $3::bigint) as i

-- tam_projects: 18 rows, grows, at least 2
insert into tam_projects (id, tenant_id, user_id, name, status, icp_profile)
select
    md5($1 || 'tam_projects' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid, md5($1 || 'users' || 1)::uuid::text,
    'Market ' || i, (array['draft', 'sourcing', 'enriching', 'complete']::tam_project_status[])[1 + i % 4],
    '{"industry": "Services", "size": "5-50"}'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- tam_companies: 1250 rows, grows, at least 4
insert into tam_companies (
    id, project_id, name, domain, source, industry, employee_count, location, qualification_status, similarity_score
)
select
    md5($1 || 'tam_companies' || i)::uuid, md5($1 || 'tam_projects' || 1 + i % n.tam_projects)::uuid, 'Company ' || i,
    'company' || i || '.example.com', (enum_range(null::tam_company_source))[1 + i % 8], 'Services', (5 + i % 90)::integer,
    (array['Porto', 'Leeds', 'Lyon'])[1 + i % 3], (enum_range(null::tam_qualification_status))[1 + i % 3], i % 100 / 100.0
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tam_projects bigint)

-- tam_contacts: 438 rows, grows
insert into tam_contacts (id, company_id, project_id, first_name, last_name, title, email, email_status, source, linkedin_active)
select
    md5($1 || 'tam_contacts' || i)::uuid, c.id, c.project_id, 'Contact', 'No. ' || i, 'Owner',
    'tam' || i || '.' || $1 || '@example.org', (enum_range(null::tam_email_status))[1 + i % 5],
    (enum_range(null::tam_contact_source))[1 + i % 4], i % 2 = 0
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tam_companies bigint)
join tam_companies as c on c.id = md5($1 || 'tam_companies' || 1 + i % n.tam_companies)::uuid

-- tam_job_queue: 31 rows, grows
insert into tam_job_queue (id, project_id, job_type, status, progress, created_at, started_at, completed_at)
select
    md5($1 || 'tam_job_queue' || i)::uuid, md5($1 || 'tam_projects' || 1 + i % n.tam_projects)::uuid,
    (enum_range(null::tam_job_type))[1 + i % 6], case when i % 9 = 0 then 'failed' else 'completed' end::tam_job_status, 100,
    now() - i * interval '12 hours', now() - i * interval '12 hours', now() - i * interval '11 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tam_projects bigint)
