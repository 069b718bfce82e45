-- Money in and out, and what the models cost.

-- ai_usage_logs: 23242 rows, grows
insert into ai_usage_logs (
    id, tenant_id, source, caller, model, input_tokens, output_tokens, estimated_cost_cents, duration_ms, created_at
)
select
    md5($1 || 'ai_usage_logs' || g.i)::uuid,
    md5($1 || 'tenants' || case when g.i % 5 < 2 then 1 else 1 + g.i / 5 % n.tenants end)::uuid,
    (array['gtm-system', 'magnetlab'])[1 + g.i % 2],
    (array['suggest_reply', 'extract_ideas', 'polish_content', 'score_profile', 'write_posts'])[1 + g.i % 5],
    (array['claude-sonnet-4-6', 'claude-haiku-4-5', 'offline'])[1 + g.i % 3], floor(4000 * g.r)::integer,
    floor(900 * g.r)::integer, round((3 * g.r)::numeric, 4), floor(200 + 9000 * g.r)::integer, now() - g.s * interval '120 days'
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- financial_transactions: 545 rows, grows
insert into financial_transactions (
    id, tenant_id, external_id, vendor_name, amount_cents, transaction_date, category, channel, classification, confidence
)
select
    md5($1 || 'financial_transactions' || i)::uuid,
    md5($1 || 'tenants' || case when i % 5 < 2 then 1 else 1 + i / 5 % n.tenants end)::uuid, $1 || '-' || i,
    (array['Cloud hosting', 'Mailboxes', 'Model provider', 'Office', 'Advertising'])[1 + i % 5], (900 + i % 70 * 310)::integer,
    current_date - (i % 180)::integer, (array['software', 'outreach', 'software', 'rent', 'ads'])[1 + i % 5],
    (array['email', 'linkedin', 'ads'])[1 + i % 3], (array['pending', 'rule', 'ai', 'manual'])[1 + i % 4], i % 100 / 100.0
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- revenue_events: 358 rows, grows
insert into revenue_events (
    id, tenant_id, stripe_event_id, stripe_charge_id, event_type, amount_cents, product_name, product_category, is_recurring,
    lead_id, customer_email, attribution_channel, mrr_impact_cents, stripe_created_at
)
select
    md5($1 || 'revenue_events' || i)::uuid, l.tenant_id, 'evt_' || md5($1 || 'revenue' || i), 'ch_' || md5($1 || '/' || i),
    case when i % 20 = 0 then 'refund' else 'payment' end, (case when i % 20 = 0 then -1 else 1 end * (4900 + i % 9 * 10000))::integer,
    'The six-week sprint', (array['bootcamp', 'infrastructure', 'saas', 'other'])[1 + i % 4], i % 2 = 0, l.id, l.email,
    l.opt_in_data ->> 'source', case when i % 2 = 0 then 4900 else 0 end, now() - i % 180 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (leads bigint)
join leads as l on l.id = md5($1 || 'leads' || 1 + i % n.leads)::uuid

-- analytics_daily_summary: 300 rows, grows
insert into analytics_daily_summary (id, tenant_id, date, leads_count, emails_sent, emails_opened, emails_replied, meetings_booked)
select
    md5($1 || 'analytics_daily_summary' || i)::uuid, md5($1 || 'tenants' || 1 + i % n.tenants)::uuid,
    current_date - (i / n.tenants)::integer, (i % 12)::integer, (i % 90)::integer, (i % 40)::integer, (i % 9)::integer,
    (i % 3)::integer
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)

-- channel_costs: 12 rows
insert into channel_costs (id, tenant_id, channel, cost_type, amount_cents, period_start, period_end)
select
    md5($1 || 'channel_costs' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, (array['email', 'linkedin', 'ads'])[1 + i % 3],
    (array['subscription', 'usage', 'ad_spend'])[1 + i % 3], (i * 2500)::integer,
    (date_trunc('month', now()) - i * interval '1 month')::date,
    (date_trunc('month', now()) - (i - 1) * interval '1 month' - interval '1 day')::date
from generate_series($2::bigint, $3::bigint) as i

-- financial_sync_config: 1 rows
insert into financial_sync_config (id, tenant_id, source_type, last_sync_status, last_synced_at)
select md5($1 || 'financial_sync_config' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 'csv', 'success', now()
from generate_series($2::bigint, $3::bigint) as i

-- vendor_channel_rules: 31 rows
insert into vendor_channel_rules (id, tenant_id, vendor_pattern, channel, category)
select
    md5($1 || 'vendor_channel_rules' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'vendor ' || i,
    (array['email', 'linkedin', 'ads'])[1 + i % 3], 'software'
from generate_series($2::bigint, $3::bigint) as i

-- affiliates: 8 rows
insert into affiliates (id, tenant_id, email, name, slug, code, status)
select
    md5($1 || 'affiliates' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'partner' || i || '.' || $1 || '@example.org',
    'Partner ' || i, $1 || '-partner-' || i, upper($1) || '-P' || i, (array['active', 'approved', 'pending'])[1 + i % 3]
from generate_series($2::bigint, $3::bigint) as i

-- affiliate_assets: 4 rows
insert into affiliate_assets (id, tenant_id, title, asset_type, content_text, sort_order)
select
    md5($1 || 'affiliate_assets' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'Text ' || i, 'swipe_copy',
    'I took the sprint, and here is what I changed on day two.', i::integer
from generate_series($2::bigint, $3::bigint) as i

-- referrals: 60 rows, grows, at least 16
insert into referrals (id, affiliate_id, referred_email, referred_name, total_price, amount_paid, status, enrolled_at, paid_in_full_at)
select
    md5($1 || 'referrals' || i)::uuid, md5($1 || 'affiliates' || 1 + i % 8)::uuid, 'referred' || i || '.' || $1 || '@example.org',
    'Referred ' || i, 1500, case i % 3 when 1 then 1500 when 2 then 500 else 0 end,
    (array['enrolled', 'paid_in_full', 'paying'])[1 + i % 3], now() - i % 60 * interval '1 day',
    case i % 3 when 1 then now() - i % 30 * interval '1 day' end
from generate_series($2::bigint, $3::bigint) as i

-- affiliate_payouts: 6 rows
insert into affiliate_payouts (id, affiliate_id, referral_id, amount, status, paid_at)
select
    md5($1 || 'affiliate_payouts' || i)::uuid, r.affiliate_id, r.id, 500, (array['pending', 'paid'])[1 + i % 2],
    case when i % 2 = 1 then now() - interval '3 days' end
from generate_series($2::bigint, $3::bigint) as i
join referrals as r on r.id = md5($1 || 'referrals' || 3 * i - 2)::uuid

-- gc_members: 8 rows
insert into gc_members (id, tenant_id, email, name, company, plan, status, start_date)
select
    md5($1 || 'gc_members' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'member' || i || '.' || $1 || '@example.org',
    'Member ' || i, 'Company ' || i, (array['Full ($1000/mo)', 'Lite ($600/mo)', 'Trial'])[1 + i % 3],
    (array['Onboarding', 'Active', 'Paused'])[1 + i % 3], current_date - 40
from generate_series($2::bigint, $3::bigint) as i

-- member_icp: 4 rows
insert into member_icp (id, member_id, company_name, target_description)
select md5($1 || 'member_icp' || i)::uuid, md5($1 || 'gc_members' || i)::uuid, 'Company ' || i, 'Owners of small firms'
from generate_series($2::bigint, $3::bigint) as i

-- onboarding_checklist: 10 rows
insert into onboarding_checklist (id, tenant_id, item, category, support_type, sort_order)
select
    md5($1 || 'onboarding_checklist' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'Step ' || i,
    (array['Before Kickoff', 'Week 1', 'Week 2', 'Week 3-4', 'Ongoing'])[1 + i % 5], 'Self-Service', i::integer
from generate_series($2::bigint, $3::bigint) as i

-- member_progress: 40 rows
insert into member_progress (id, member_id, checklist_item_id, status)
select
    md5($1 || 'member_progress' || i)::uuid, md5($1 || 'gc_members' || 1 + i % 4)::uuid,
    md5($1 || 'onboarding_checklist' || 1 + (i - 1) / 4)::uuid, (array['Not Started', 'In Progress', 'Complete'])[1 + i % 3]
from generate_series($2::bigint, $3::bigint) as i

-- tool_access: 16 rows
insert into tool_access (id, member_id, tool, access_type, status)
select
    md5($1 || 'tool_access' || i)::uuid, md5($1 || 'gc_members' || 1 + i % 8)::uuid, (array['Clay', 'HeyReach'])[1 + (i - 1) / 8],
    'Own Account', (array['Not Set Up', 'Active'])[1 + i % 2]
from generate_series($2::bigint, $3::bigint) as i
