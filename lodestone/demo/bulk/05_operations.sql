-- The pipeline: leads with their trail, replies, signals, tasks.

-- leads: 664 rows, grows, at least 12
insert into leads (id, tenant_id, slug, email, full_name, opt_in_data, scores, status, created_at)
select
    md5($1 || 'leads' || g.i)::uuid,
    md5($1 || 'tenants' || case when g.i % 5 < 2 then 1 else 1 + g.i / 5 % n.tenants end)::uuid,
    'lead-' || $1 || '-' || g.i, w.email, w.name,
    jsonb_build_object(
        'source', (array['organic', 'organic', 'plusvibe', 'heyreach'])[1 + g.i % 4],
        'touches', jsonb_build_array(jsonb_build_object('source', 'organic', 'lead_magnet_title', 'The weekly pipeline plan'))
    ),
    jsonb_build_object('fit', (100 * g.r)::integer),
    (array['complete', 'complete', 'qualified', 'qualified', 'meeting_booked', 'meeting_attended', 'pending', 'analyzing', 'error', 'complete'])[1 + g.i % 10]::lead_status,
    now() - g.s * interval '180 days'
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)
cross join lateral (
    select
        'lead' || g.i || '.' || $1 || '@example.org' as email,
        (array['Hana', 'Piet', 'Amara', 'Colin', 'Rosa', 'Viktor', 'Leila', 'Marcus'])[1 + g.i % 8] || ' '
        || (array['Stone', 'Achebe', 'Kowalski', 'Ferrari', 'Ng', 'Jensen', 'Ruiz'])[1 + g.i % 7] as name
) as w

-- events: 4793 rows, grows
insert into events (id, tenant_id, lead_id, event_type, event_source, title, metadata, created_at)
select
    md5($1 || 'events' || g.i)::uuid, l.tenant_id, l.id,
    (array['lead_created', 'email_sent', 'email_opened', 'status_changed', 'report_viewed', 'note'])[1 + g.i % 6],
    (array['form', 'email', 'system', 'user'])[1 + g.i % 4],
    (array['Opted in to The weekly pipeline plan', 'The resource was sent', 'Opened the mail', 'Moved on', 'Read the report', 'Note'])[1 + g.i % 6],
    jsonb_build_object('number', g.i), l.created_at + g.s * (now() - l.created_at)
from (
    select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i
) as g
cross join jsonb_to_record($4::jsonb) as n (leads bigint)
join leads as l on l.id = md5($1 || 'leads' || 1 + floor(n.leads * power(g.r, 1.5)))::uuid

-- reply_pipeline: 939 rows, grows
insert into reply_pipeline (id, tenant_id, source, status, full_name, email, company, reply_text, lead_id, created_at)
select
    md5($1 || 'reply_pipeline' || i)::uuid, l.tenant_id, (array['plusvibe', 'heyreach', 'form'])[1 + i % 3],
    (array['delivered', 'delivered', 'delivered', 'ignored', 'error', 'needs_review', 'pending', 'acknowledged'])[1 + i % 8],
    l.full_name, 'reply' || i || '.' || $1 || '@example.org', 'Company ' || i, 'Sounds good, tell me more.', l.id,
    now() - i % 120 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (leads bigint)
join leads as l on l.id = md5($1 || 'leads' || 1 + i % n.leads)::uuid

-- webhook_events: 188 rows, grows
insert into webhook_events (id, event_key, service, tenant_id, event_type, payload, status, attempts, processed_at, created_at)
select
    md5($1 || 'webhook_events' || i)::uuid, $1 || ':' || i, (array['stripe', 'resend', 'heyreach', 'plusvibe'])[1 + i % 4],
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid, 'delivered',
    jsonb_build_object('number', i), case when i % 25 = 0 then 'failed' else 'processed' end, 1,
    now() - i * interval '3 hours', now() - i * interval '3 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- metrics: 33 rows, grows
insert into metrics (id, tenant_id, date, leads_captured, leads_enriched, lead_magnets_sent, bookings_created, emails_sent, dms_sent)
select
    md5($1 || 'metrics' || i)::uuid, md5($1 || 'tenants' || 1 + i % n.tenants)::uuid,
    current_date - (i / n.tenants)::integer, (i % 12)::integer, (i % 9)::integer, (i % 12)::integer, (i % 3)::integer,
    (i % 40)::integer, (i % 25)::integer
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- system_health: 8 rows
insert into system_health (id, tenant_id, service, status, last_check_at, last_success_at)
select
    md5($1 || 'system_health' || i)::uuid, md5($1 || 'tenants' || 1)::uuid,
    (array['database', 'mail', 'heyreach', 'plusvibe', 'stripe', 'resend', 'unipile', 'models'])[i],
    case when i = 4 then 'degraded' else 'healthy' end, now(), now()
from generate_series($2::bigint, $3::bigint) as i

-- audit_log: 200 rows, grows
insert into audit_log (id, tenant_id, actor_id, actor_type, action, resource_type, resource_id, created_at)
select
    md5($1 || 'audit_log' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid,
    md5($1 || 'users' || 1)::uuid::text, 'user', (array['publish', 'export', 'sign_in'])[1 + i % 3], 'funnel_page',
    md5($1 || '/' || i), now() - i * interval '2 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- credentials: 5 rows
insert into credentials (id, tenant_id, service, is_connected, last_verified_at)
select
    md5($1 || 'credentials' || i)::uuid, md5($1 || 'tenants' || 1)::uuid,
    (array['heyreach', 'plusvibe', 'stripe', 'resend', 'unipile'])[i], i % 2 = 1, now() - interval '2 days'
from generate_series($2::bigint, $3::bigint) as i

-- conductor_signals: 77 rows, grows
insert into conductor_signals (id, tenant_id, signal_type, severity, title, subject, resolved_at, created_at)
select
    md5($1 || 'conductor_signals' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid,
    (array['stale_lead', 'slow_reply', 'empty_queue'])[1 + i % 3], (array['info', 'warning', 'critical'])[1 + i % 3],
    'Nobody has answered for two days', 'subject-' || i, case when i % 4 > 0 then now() - interval '1 hour' end,
    now() - i * interval '9 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- conductor_tasks: 110 rows, grows
insert into conductor_tasks (id, tenant_id, category, priority, title, due_date, completed_at, signal_id, created_at)
select
    md5($1 || 'conductor_tasks' || i)::uuid, s.tenant_id,
    (array['operations', 'pipeline', 'outreach', 'content', 'revenue', 'delivery'])[1 + i % 6],
    (array['low', 'medium', 'high', 'urgent'])[1 + i % 4], 'Call back, no. ' || i, now() + i % 14 * interval '1 day',
    case when i % 3 > 0 then now() - interval '3 hours' end, s.id, now() - i * interval '7 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (conductor_signals bigint)
join conductor_signals as s on s.id = md5($1 || 'conductor_signals' || 1 + i % n.conductor_signals)::uuid

-- conductor_recommendations: 46 rows, grows
insert into conductor_recommendations (id, tenant_id, category, priority, title, reasoning, suggestion, created_at)
select
    md5($1 || 'conductor_recommendations' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid,
    (array['operations', 'pipeline', 'outreach', 'content', 'revenue', 'delivery'])[1 + i % 6], 'medium',
    'Answer within the hour', 'Replies that wait a day book half as many calls.', 'Look at the inbox at nine and at two.',
    now() - i * interval '20 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- conductor_goals: 18 rows
insert into conductor_goals (id, tenant_id, period, metric_key, target_value, current_value, period_start, period_end)
select
    md5($1 || 'conductor_goals' || i)::uuid, md5($1 || 'tenants' || 1 + i % 3)::uuid, 'monthly', 'metric_' || i, 40, i * 2,
    date_trunc('month', now())::date, (date_trunc('month', now()) + interval '1 month - 1 day')::date
from generate_series($2::bigint, $3::bigint) as i

-- fb_purchasers: 471 rows, grows
insert into fb_purchasers (
    id, tenant_id, email, full_name, company_name, purchase_amount_cents, product_name, order_date, qualification_score, status
)
select
    md5($1 || 'fb_purchasers' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid,
    'buyer' || i || '.' || $1 || '@example.org', 'Buyer ' || i, 'Company ' || i, (900 + i % 9 * 1000)::integer,
    'The outreach kit', now() - i % 200 * interval '1 day', (i % 100)::integer, 'new'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)
