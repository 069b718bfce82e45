-- Lists and what was sent to them.

-- email_settings: 3 rows
insert into email_settings (id, tenant_id, from_email, from_name)
select md5($1 || 'email_settings' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 'hello@example.com', 'Noa'
from generate_series($2::bigint, $3::bigint) as i

-- email_subscribers: 390 rows, grows, at least 10
insert into email_subscribers (
    id, tenant_id, team_id, email, first_name, last_name, source, source_id, status, subscribed_at, unsubscribed_at
)
select
    md5($1 || 'email_subscribers' || i)::uuid, p.tenant_id, md5($1 || 'teams' || w.person)::uuid,
    'reader' || i || '.' || $1 || '@example.org', 'Reader', 'No. ' || i, (array['lead_magnet', 'manual', 'import'])[1 + i % 3],
    case when i % 3 = 0 then md5($1 || 'lead_magnets' || 1 + i % n.lead_magnets)::uuid end,
    case when i % 14 = 0 then 'unsubscribed' when i % 37 = 0 then 'bounced' else 'active' end, now() - i % 180 * interval '1 day',
    case when i % 14 = 0 then now() - i % 20 * interval '1 day' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint, lead_magnets bigint)
cross join lateral (select case when i % 5 < 2 then 1 else 1 + i % n.users end as person) as w
join profiles as p on p.id = md5($1 || 'users' || w.person)::uuid

-- email_flows: 9 rows, grows, at least 2
insert into email_flows (id, tenant_id, team_id, user_id, name, status, trigger_type)
select
    md5($1 || 'email_flows' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, md5($1 || 'teams' || 1)::uuid,
    md5($1 || 'users' || 1)::uuid, 'Welcome ' || i, case when i % 3 = 0 then 'draft' else 'active' end, 'manual'
from generate_series($2::bigint, $3::bigint) as i

-- email_flow_steps: 55 rows, grows, at least 2
insert into email_flow_steps (id, flow_id, step_number, subject, body, delay_days)
select
    md5($1 || 'email_flow_steps' || i)::uuid, md5($1 || 'email_flows' || 1 + i % n.email_flows)::uuid,
    (i / n.email_flows)::integer, 'Step ' || i, 'One small thing to try today.', 2
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (email_flows bigint)

-- email_flow_contacts: 32 rows, grows
insert into email_flow_contacts (id, tenant_id, team_id, flow_id, email, first_name, current_step, status, next_run_at)
select
    md5($1 || 'email_flow_contacts' || i)::uuid, f.tenant_id, f.team_id, f.id, 'flow' || i || '.' || $1 || '@example.org',
    'Reader', (i % 4)::integer, case when i % 4 = 3 then 'completed' else 'paused' end, null
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (email_flows bigint)
join email_flows as f on f.id = md5($1 || 'email_flows' || 1 + i % n.email_flows)::uuid

-- email_broadcasts: 1 rows
insert into email_broadcasts (id, tenant_id, team_id, user_id, subject, body, status, recipient_count, sent_at)
select
    md5($1 || 'email_broadcasts' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, md5($1 || 'teams' || 1)::uuid,
    md5($1 || 'users' || 1)::uuid, 'What changed this month', 'Three things, two of them small.', 'sent', 240,
    now() - interval '5 days'
from generate_series($2::bigint, $3::bigint) as i

-- email_sends: 200 rows, grows
insert into email_sends (id, tenant_id, team_id, user_id, email_type, resend_email_id, recipient_count, sent_at, status)
select
    md5($1 || 'email_sends' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, md5($1 || 'teams' || 1)::uuid,
    md5($1 || 'users' || 1)::uuid, (array['resource', 'flow', 'transactional'])[1 + i % 3], $1 || '-' || i, 1,
    now() - i * interval '3 hours', case when i % 40 = 0 then 'failed' else 'sent' end
from generate_series($2::bigint, $3::bigint) as i

-- email_events: 600 rows, grows
insert into email_events (id, email_id, lead_id, lead_magnet_id, user_id, event_type, recipient_email, tenant_id, team_id, created_at)
select
    md5($1 || 'email_events' || i)::uuid, $1 || '-' || i, l.id, l.lead_magnet_id, l.user_id,
    (array['sent', 'delivered', 'opened', 'clicked'])[1 + i % 4], l.email, p.tenant_id, null,
    l.created_at + i % 90 * interval '1 minute'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (funnel_leads bigint)
join funnel_leads as l on l.id = md5($1 || 'funnel_leads' || 1 + i % n.funnel_leads)::uuid
join profiles as p on p.id = l.user_id

-- email_review_queue: 12 rows
insert into email_review_queue (
    id, tenant_id, flow_id, step_id, recipient_email, subject, body_original, body_generated, status, contact_id
)
select
    md5($1 || 'email_review_queue' || i)::uuid, f.tenant_id, f.id, s.id, 'review' || i || '@example.org', s.subject, s.body,
    s.body || ' Your page on pricing made me think of it.', case when i % 3 = 0 then 'sent' else 'pending_review' end, null
from generate_series($2::bigint, $3::bigint) as i
join email_flows as f on f.id = md5($1 || 'email_flows' || 1)::uuid
join email_flow_steps as s on s.id = md5($1 || 'email_flow_steps' || 1)::uuid
