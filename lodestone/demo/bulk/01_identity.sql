-- Accounts and tenants. Account 1 and tenant 1 own two fifths of everything; strangers share the rest.

-- users: 84 rows, grows, at least 8
insert into users (id, email, name, username, created_at, email_verified_at, default_theme)
select
    md5($1 || 'users' || i)::uuid,
    case i when 1 then $1 else $1 || '-' || i end || '@example.com',
    (array['Noa', 'Idris', 'Mirela', 'Tomas', 'Aiko', 'Femi', 'Greta', 'Luca', 'Priya', 'Anders'])[1 + i % 10]
    || ' ' || (array['Varga', 'Okoye', 'Lindholm', 'Castell', 'Mori', 'Haddad', 'Brandt'])[1 + i % 7],
    case i when 1 then $1 else $1 || '-' || i end,
    now() - interval '400 days' + i % 380 * interval '1 day',
    now() - interval '399 days' + i % 380 * interval '1 day',
    case i % 3 when 0 then 'light' else 'dark' end
from generate_series($2::bigint, $3::bigint) as i

-- subscriptions: 84 rows, grows, at least 8
insert into subscriptions (id, user_id, plan, status, stripe_customer_id, current_period_start, current_period_end)
select
    md5($1 || 'subscriptions' || i)::uuid, md5($1 || 'users' || i)::uuid,
    case when i = 1 then 'unlimited' when i % 7 = 0 then 'pro' else 'free' end,
    case when i % 29 = 0 then 'past_due' when i % 31 = 0 then 'trialing' else 'active' end,
    'cus_' || md5($1 || '/' || i),
    date_trunc('month', now()), date_trunc('month', now()) + interval '1 month'
from generate_series($2::bigint, $3::bigint) as i

-- tenants: 10 rows, grows, at least 3
insert into tenants (
    id, name, email, business_name, slug, monthly_plan, status, auth_user_id, company_name, created_at
)
select
    md5($1 || 'tenants' || i)::uuid, w.name, w.slug || '@example.com', w.name, w.slug,
    (array['starter', 'growth', 'scale']::monthly_plan[])[1 + i % 3],
    case when i % 11 = 0 then 'churned' when i % 13 = 0 then 'onboarding' else 'active' end::tenant_status,
    md5($1 || 'users' || i)::uuid, w.name, now() - interval '400 days' + i % 300 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join lateral (
    select
        (array['Juniper', 'Slate', 'Harbour', 'Beacon', 'Orchard'])[1 + i % 5] || ' '
        || (array['Works', 'Partners', 'Labs', 'Growth'])[1 + i % 4] || ' ' || i as name,
        $1 || '-tenant-' || i as slug
) as w

-- profiles: 84 rows, grows, at least 8
insert into profiles (id, tenant_id, email, full_name, role)
select
    u.id, md5($1 || 'tenants' || 1 + (i - 1) % n.tenants)::uuid, u.email, u.name,
    case when i <= n.tenants then 'owner' else 'member' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)
join users as u on u.id = md5($1 || 'users' || i)::uuid

-- teams: 93 rows, grows, at least 11
insert into teams (id, owner_id, name, is_personal, industry, description)
select
    md5($1 || 'teams' || i)::uuid,
    md5($1 || 'users' || case
        when i <= n.users then i
        when i <= n.users + 9 then 1
        else 1 + (i - n.users) % n.users
    end)::uuid,
    case when i <= n.users then 'Workspace ' || i else 'Client team ' || i - n.users end,
    i <= n.users,
    (array['Software', 'Consulting', 'Education', 'Logistics'])[1 + i % 4],
    case when i > n.users then 'What we write and publish for this client' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint)

-- team_profiles: 106 rows, grows, at least 14
insert into team_profiles (id, team_id, user_id, email, full_name, role, status, is_default, accepted_at, title)
select
    md5($1 || 'team_profiles' || i)::uuid, t.id, u.id, u.email, u.name,
    case when i <= n.teams then 'owner' else 'member' end, 'active', i <= n.teams,
    now() - interval '200 days',
    (array['Founder', 'Head of growth', 'Writer', 'Account manager'])[1 + i % 4]
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint, teams bigint)
join teams as t on t.id = md5($1 || 'teams' || case
    when i <= n.teams then i
    else n.users + 1 + (i - n.teams) % (n.teams - n.users)
end)::uuid
join users as u on u.id = case
    when i <= n.teams then t.owner_id
    else md5($1 || 'users' || 2 + (i - n.teams + 4) % (n.users - 1))::uuid
end

-- team_members: 3 rows, grows
insert into team_members (id, owner_id, member_id, email, status, accepted_at)
select
    md5($1 || 'team_members' || i)::uuid, md5($1 || 'users' || 1)::uuid, u.id, u.email, 'active',
    now() - interval '150 days'
from generate_series($2::bigint, $3::bigint) as i
join users as u on u.id = md5($1 || 'users' || 1 + i)::uuid

-- team_activity_log: 4 rows, grows
insert into team_activity_log (id, team_id, user_id, action, target_type, created_at)
select
    md5($1 || 'team_activity_log' || i)::uuid, t.id, t.owner_id,
    (array['member_invited', 'member_joined', 'settings_changed'])[1 + i % 3], 'team_profile',
    now() - i * interval '3 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint, teams bigint)
join teams as t on t.id = md5($1 || 'teams' || n.users + 1 + i % (n.teams - n.users))::uuid

-- usage_tracking: 84 rows, grows, at least 8
insert into usage_tracking (id, user_id, month_year, lead_magnets_created, posts_scheduled)
select
    md5($1 || 'usage_tracking' || i)::uuid, md5($1 || 'users' || i)::uuid,
    to_char(now(), 'YYYY-MM'), i % 4, i % 9
from generate_series($2::bigint, $3::bigint) as i

-- api_keys: 8 rows, grows
insert into api_keys (id, user_id, key_hash, key_prefix, name, last_used_at)
select
    md5($1 || 'api_keys' || i)::uuid, md5($1 || 'users' || 1 + i / 2)::uuid,
    md5($1 || 'key' || i) || md5($1 || 'hash' || i), 'ls_' || left(md5($1 || 'key' || i), 6),
    (array['Website', 'Reporting', 'Automation'])[1 + i % 3], now() - i * interval '1 hour'
from generate_series($2::bigint, $3::bigint) as i

-- app_settings: 1 rows
insert into app_settings (key, value)
select $1 || '.setting.' || i, 'on' from generate_series($2::bigint, $3::bigint) as i

-- integration_catalog: 19 rows
insert into integration_catalog (id, name, type, description, sort_order, is_available)
select
    $1 || '-connector-' || i, 'Connector ' || i,
    (array['email', 'crm', 'ads', 'calls'])[1 + i % 4],
    'Connects an outside service with the pipeline', i, i % 6 <> 0
from generate_series($2::bigint, $3::bigint) as i

-- background_jobs: 109 rows, grows
insert into background_jobs (id, user_id, job_type, status, input, created_at, started_at, completed_at, error)
select
    md5($1 || 'background_jobs' || i)::uuid,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid,
    (array['polish_content', 'extract_ideas', 'render_thumbnail'])[1 + i % 3],
    case i % 10 when 0 then 'failed' when 1 then 'pending' else 'completed' end,
    jsonb_build_object('number', i), now() - i * interval '5 hours',
    case when i % 10 <> 1 then now() - i * interval '5 hours' + interval '2 seconds' end,
    case when i % 10 > 1 then now() - i * interval '5 hours' + interval '20 seconds' end,
    case i % 10 when 0 then 'The model did not answer in time.' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint)
