-- Conversations. A few contacts have most of the messages.

-- dm_contacts: 30085 rows, grows, at least 20
insert into dm_contacts (
    id, tenant_id, linkedin_uid, linkedin_url, linkedin_handle, first_name, last_name, headline, location, connected_at,
    connected_by, company_name, icp_status, priority_score, enrichment_status, conversation_status, last_message_at,
    pipeline_stage, pipeline_high_water_mark, icp_score, lead_id, created_at
)
select
    md5($1 || 'dm_contacts' || g.i)::uuid,
    md5($1 || 'tenants' || case when g.i % 5 < 2 then 1 else 1 + g.i / 5 % n.tenants end)::uuid, $1 || '-' || g.i,
    'https://www.linkedin.com/in/' || $1 || '-contact-' || g.i, $1 || '-contact-' || g.i,
    (array['Ana', 'Ben', 'Chi', 'Dora', 'Emil', 'Fay', 'Gus'])[1 + g.i % 7],
    (array['Adler', 'Bauer', 'Cruz', 'Diallo', 'Eriksen', 'Fischer', 'Greco', 'Hughes', 'Ito'])[1 + g.i % 9],
    'Owner of company ' || g.i, (array['Porto', 'Leeds', 'Lyon', 'Graz'])[1 + g.i % 4], now() - g.s * interval '300 days',
    (array['Noa', 'Idris'])[1 + g.i % 2], 'Company ' || g.i, (array['unknown', 'match', 'partial', 'no_match'])[1 + g.i % 4],
    floor(100 * g.r)::integer, (array['none', 'enriched'])[1 + g.i % 2], (array['open', 'waiting', 'closed'])[1 + g.i % 3],
    now() - g.r * interval '120 days', w.stage, w.stage, floor(100 * g.r)::integer,
    case when g.i % 50 = 0 then md5($1 || 'leads' || 1 + g.i / 50 % n.leads)::uuid end, now() - g.s * interval '300 days'
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (tenants bigint, leads bigint, dm_stage_transitions bigint)
cross join lateral (
    select case when 2 * g.i <= n.dm_stage_transitions then 'qualifying' else 'new' end as stage
) as w

-- dm_messages: 86140 rows, grows
insert into dm_messages (id, tenant_id, contact_id, content, direction, sent_at, sentiment, delivery_status, external_id)
select
    md5($1 || 'dm_messages' || g.i)::uuid, c.tenant_id, c.id,
    (array[
        'Thanks for connecting. What made you look at this now?',
        'We lost two clients in spring and nobody could say why.',
        'Would it help to see how another firm found out?',
        'Yes, send it over. Thursday works for a call.'
    ])[1 + g.i % 4] || ' (' || g.i || ')',
    (array['outbound', 'inbound'])[1 + g.i % 2], now() - g.s * interval '120 days',
    case g.i % 2 when 1 then (array['positive', 'neutral', 'negative'])[1 + g.i / 2 % 3] end,
    case g.i % 2 when 0 then 'sent' end, $1 || ':' || g.i
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (dm_contacts bigint)
join dm_contacts as c on c.id = md5($1 || 'dm_contacts' || 1 + floor(n.dm_contacts * power(g.r, 2)))::uuid

-- dm_stage_transitions: 110 rows, grows, at least 2
insert into dm_stage_transitions (id, contact_id, from_stage, to_stage, transitioned_at, source)
select
    md5($1 || 'dm_stage_transitions' || i)::uuid, md5($1 || 'dm_contacts' || (i + 1) / 2)::uuid,
    (array['opening', 'new'])[1 + i % 2], (array['qualifying', 'opening'])[1 + i % 2],
    now() - interval '40 days' + i % 30 * interval '1 day', (array['kondo', 'manual', 'ai'])[1 + i % 3]
from generate_series($2::bigint, $3::bigint) as i

-- dm_pipeline_config: 3 rows
insert into dm_pipeline_config (id, tenant_id, daily_capacity_target)
select md5($1 || 'dm_pipeline_config' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 25
from generate_series($2::bigint, $3::bigint) as i

-- icp_rules: 3 rows
insert into icp_rules (id, tenant_id, allowed_titles, allowed_countries, company_size_min, company_size_max)
select md5($1 || 'icp_rules' || i)::uuid, md5($1 || 'tenants' || i)::uuid, '["Founder", "Owner"]', '["Portugal"]', 5, 50
from generate_series($2::bigint, $3::bigint) as i

-- phone_numbers: 1 rows
insert into phone_numbers (id, tenant_id, phone_number, area_code)
select
    md5($1 || 'phone_numbers' || i)::uuid, md5($1 || 'tenants' || i)::uuid,
    '+1555' || lpad((('x' || left(md5($1), 6))::bit(24)::integer % 10000000)::text, 7, '0'), '555'
from generate_series($2::bigint, $3::bigint) as i

-- channel_flows: 3 rows
insert into channel_flows (id, tenant_id, name, trigger_type, status)
select md5($1 || 'channel_flows' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'After a missed call ' || i, 'missed_call', 'active'
from generate_series($2::bigint, $3::bigint) as i

-- channel_messages: 200 rows, grows
insert into channel_messages (
    id, tenant_id, contact_id, channel, direction, from_number, to_number, content, flow_id, external_message_id, sent_at
)
select
    md5($1 || 'channel_messages' || i)::uuid, c.tenant_id, c.id, 'sms', (array['inbound', 'outbound'])[1 + i % 2],
    '+15550000001', '+15550000002', 'Sorry we missed you.',
    case when i % 5 < 2 then md5($1 || 'channel_flows' || 1 + i % 3)::uuid end, $1 || ':sms:' || i, now() - i * interval '2 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (dm_contacts bigint)
join dm_contacts as c on c.id = md5($1 || 'dm_contacts' || 1 + i % n.dm_contacts)::uuid

-- contact_flow_state: 40 rows, grows
insert into contact_flow_state (id, tenant_id, contact_id, flow_id, current_step, status)
select
    md5($1 || 'contact_flow_state' || i)::uuid, c.tenant_id, c.id, md5($1 || 'channel_flows' || 1 + i % 3)::uuid,
    (i % 3)::integer, (array['active', 'completed'])[1 + i % 2]
from generate_series($2::bigint, $3::bigint) as i
join dm_contacts as c on c.id = md5($1 || 'dm_contacts' || i)::uuid

-- connection_ranking_runs: 1 rows
insert into connection_ranking_runs (id, user_id, name, status, total_connections, phase1_processed, completed_at)
select
    md5($1 || 'connection_ranking_runs' || i)::uuid, md5($1 || 'users' || 1)::uuid::text, 'My connections', 'completed',
    n.connection_ranking_results, n.connection_ranking_results, now()
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (connection_ranking_results integer)

-- connection_ranking_results: 28976 rows, grows
insert into connection_ranking_results (
    id, run_id, first_name, last_name, linkedin_url, company, position, connected_on, deterministic_score, title_score,
    company_score, recency_score, enrichment_status, total_score, tier, rank_position
)
select
    md5($1 || 'connection_ranking_results' || i)::uuid, md5($1 || 'connection_ranking_runs' || 1)::uuid,
    (array['Ana', 'Ben', 'Chi', 'Dora', 'Emil', 'Fay', 'Gus'])[1 + i % 7], 'Connection ' || i,
    'https://www.linkedin.com/in/' || $1 || '-connection-' || i, 'Company ' || i % 5003,
    (array['Owner', 'Student', 'Head of Sales', 'Recruiter'])[1 + i % 4], '12 Mar 2021', w.score, w.score / 2, w.score / 4,
    w.score / 4, 'skipped', w.score,
    case when w.score > 80 then 'definite_keep' when w.score > 60 then 'strong_keep' when w.score > 40 then 'borderline'
        when w.score > 20 then 'likely_remove' else 'definite_remove' end, i::integer
from generate_series($2::bigint, $3::bigint) as i
cross join lateral (select (i * 7919 % 101)::integer as score) as w

-- call_queue: 249 rows, grows
insert into call_queue (id, tenant_id, contact_id, priority, reason, scheduled_for, status, source, created_at)
select
    md5($1 || 'call_queue' || i)::uuid, c.tenant_id, c.id, (1 + i % 10)::integer, 'Asked for a call', now() + i % 9 * interval '1 day',
    case when i <= n.dm_contacts then (array['pending', 'completed', 'no_answer'])[1 + i % 3] else 'completed' end,
    (array['manual', 'no_show', 'positive_reply'])[1 + i % 3], now() - i * interval '6 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (dm_contacts bigint)
join dm_contacts as c on c.id = md5($1 || 'dm_contacts' || 1 + i % n.dm_contacts)::uuid
