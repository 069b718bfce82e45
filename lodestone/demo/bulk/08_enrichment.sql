-- The pool of people, and the runs that looked for their addresses.

-- all_leads: 106395 rows, grows
insert into all_leads (
    "First Name", "Last Name", "Full Name", "Title", "Headline", "Seniority", "Email", "Email Status", "LinkedIn Link",
    "Lead City", "Lead Country", "Company Name", "Industry", "Employee Count", "Company Website Short", "Followers",
    "Connections", "Posts Last 30 Days", "About"
)
select
    w.first, w.last, w.first || ' ' || w.last, w.title, w.title || ' at Company ' || i % 20011,
    (array['Owner', 'C-Level', 'Director', 'Manager'])[1 + i % 4],
    case when i % 3 > 0 then 'pool' || i || '.' || $1 || '@example.org' end,
    case when i % 3 > 0 then 'Verified' end, 'https://www.linkedin.com/in/' || $1 || '-pool-' || i,
    (array['Porto', 'Leeds', 'Lyon', 'Graz', 'Turku'])[1 + i % 5],
    (array['Portugal', 'United Kingdom', 'France', 'Austria', 'Finland'])[1 + i % 5], 'Company ' || i % 20011,
    (array['Software', 'Consulting', 'Marketing', 'Logistics', 'Education'])[1 + i % 5], (2 + i % 200)::text,
    'company' || i % 20011 || '.example.com', i * 37 % 20000, i * 17 % 5000, i % 12,
    'Runs a firm that does one thing and does it on time.'
from generate_series($2::bigint, $3::bigint) as i
cross join lateral (
    select
        (array['Alba', 'Bruno', 'Clara', 'Deniz', 'Erik', 'Farah', 'Goran', 'Heidi', 'Ivo', 'Jana', 'Kofi'])[1 + i % 11] as first,
        (array['Moreau', 'Nilsen', 'Oduya', 'Petrov', 'Quinn', 'Rossi', 'Santos', 'Tanaka', 'Urban', 'Vidal', 'Wolf', 'Yilmaz', 'Zhou'])[1 + i % 13] as last,
        (array['Founder', 'Managing Director', 'Head of Sales', 'Marketing Manager', 'Partner'])[1 + i % 5] as title
) as w

-- cold_lead_pool: 500 rows, grows
insert into cold_lead_pool (id, tenant_id, first_name, last_name, linkedin_url, followers, company_name, headline)
select
    md5($1 || 'cold_lead_pool' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid, 'Cold', 'Lead ' || i,
    'https://www.linkedin.com/in/' || $1 || '-cold-' || i, (i % 5000)::integer, 'Company ' || i, 'Owner'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- enrichment_recipes: 3 rows
insert into enrichment_recipes (id, tenant_id, name, slug, description)
select
    md5($1 || 'enrichment_recipes' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 'Recipe ' || i, 'recipe-' || i,
    'Finds the address, reads the last posts'
from generate_series($2::bigint, $3::bigint) as i

-- enrichment_runs: 75 rows, grows
insert into enrichment_runs (
    id, tenant_id, status, config, total_leads, processed_leads, enriched_leads, emails_found, recipe_id, recipe_slug,
    created_at, started_at, completed_at
)
select
    md5($1 || 'enrichment_runs' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid::text,
    case when i % 15 = 0 then 'failed' else 'completed' end, '{"providers": ["first", "second"]}', 3200, 3200, 1900, 1800,
    md5($1 || 'enrichment_recipes' || 1 + i % 3)::uuid, 'recipe-' || 1 + i % 3, now() - i * interval '40 hours',
    now() - i * interval '40 hours', now() - i * interval '40 hours' + interval '50 minutes'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- enrichment_lead_status: 242534 rows, grows
insert into enrichment_lead_status (
    id, run_id, linkedin_url, email_found, email_provider, status, email_validation_status, lead_email, engagement_rate,
    attempts, created_at
)
select
    md5($1 || 'enrichment_lead_status' || i)::uuid, md5($1 || 'enrichment_runs' || 1 + i % n.enrichment_runs)::uuid,
    'https://www.linkedin.com/in/' || $1 || '-pool-' || 1 + i / n.enrichment_runs,
    case when w.status in ('enriched', 'pushed') then 'pool' || i || '.' || $1 || '@example.org' end,
    case when w.status in ('enriched', 'pushed') then (array['first', 'second'])[1 + i % 2] end, w.status,
    case w.status when 'enriched' then 'valid' when 'pushed' then 'valid' when 'invalid_email' then 'invalid' end,
    null, i % 70 / 10.0, 1, now() - i % n.enrichment_runs * interval '40 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (enrichment_runs bigint)
cross join lateral (
    select (array['enriched', 'enriched', 'pushed', 'no_email', 'no_email', 'invalid_email', 'skipped', 'failed', 'pushed', 'enriched', 'gated'])[1 + i % 11] as status
) as w

-- enrichment_batch_runs: 2 rows
insert into enrichment_batch_runs (id, user_id, name, status, total_contacts, processed_contacts, emails_found, completed_at)
select
    md5($1 || 'enrichment_batch_runs' || i)::uuid, md5($1 || 'users' || 1)::uuid::text, 'List ' || i, 'completed', 31, 31, 20,
    now()
from generate_series($2::bigint, $3::bigint) as i

-- enrichment_batch_leads: 62 rows, grows
insert into enrichment_batch_leads (id, run_id, first_name, last_name, company_name, found_email, provider, status)
select
    md5($1 || 'enrichment_batch_leads' || i)::uuid, md5($1 || 'enrichment_batch_runs' || 1 + i % 2)::uuid, 'Batch', 'Lead ' || i,
    'Company ' || i, case when i % 3 > 0 then 'batch' || i || '@example.org' end, 'first',
    case when i % 3 > 0 then 'found' else 'not_found' end
from generate_series($2::bigint, $3::bigint) as i

-- plusvibe_events: 500 rows, grows
insert into plusvibe_events (id, tenant_id, event_type, campaign_id, lead_email, received_at)
select
    md5($1 || 'plusvibe_events' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid::text,
    (array['email_sent', 'email_opened', 'email_replied'])[1 + i % 3], 'campaign-' || i % 6,
    'pool' || i || '.' || $1 || '@example.org', now() - i * interval '70 minutes'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- bootcamp_contact_lists: 6 rows, grows
insert into bootcamp_contact_lists (id, student_id, name, contact_count)
select
    md5($1 || 'bootcamp_contact_lists' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + i % n.bootcamp_students)::uuid,
    'List ' || i, 20
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (bootcamp_students bigint)

-- bootcamp_contacts: 120 rows, grows
insert into bootcamp_contacts (id, list_id, student_id, first_name, last_name, email, company, enrichment_status)
select
    md5($1 || 'bootcamp_contacts' || i)::uuid, l.id, l.student_id, 'Contact', 'No. ' || i, 'contact' || i || '@example.org',
    'Company ' || i, (array['pending', 'done'])[1 + i % 2]
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (bootcamp_contact_lists bigint)
join bootcamp_contact_lists as l on l.id = md5($1 || 'bootcamp_contact_lists' || 1 + i % n.bootcamp_contact_lists)::uuid

-- bootcamp_recipes: 5 rows
insert into bootcamp_recipes (id, student_id, name, slug, description)
select
    md5($1 || 'bootcamp_recipes' || i)::uuid, md5($1 || 'bootcamp_students' || i)::uuid, 'First line', 'first-line',
    'Writes the first line of a mail'
from generate_series($2::bigint, $3::bigint) as i
