-- Pages, those who saw them and those who opted in. The first pages get most of both.

-- libraries: 1 rows
insert into libraries (id, user_id, name, slug, description)
select
    md5($1 || 'libraries' || i)::uuid, md5($1 || 'users' || i)::uuid, 'Everything we give away',
    'library-' || i, 'Guides, worksheets and scripts'
from generate_series($2::bigint, $3::bigint) as i

-- external_resources: 4 rows
insert into external_resources (id, user_id, title, url)
select
    md5($1 || 'external_resources' || i)::uuid, md5($1 || 'users' || i)::uuid, 'Recorded workshop ' || i,
    'https://example.com/workshops/' || i
from generate_series($2::bigint, $3::bigint) as i

-- library_items: 1 rows
insert into library_items (id, library_id, asset_type, lead_magnet_id)
select
    md5($1 || 'library_items' || i)::uuid, md5($1 || 'libraries' || 1)::uuid, 'lead_magnet',
    md5($1 || 'lead_magnets' || i)::uuid
from generate_series($2::bigint, $3::bigint) as i

-- qualification_forms: 4 rows
insert into qualification_forms (id, user_id, name)
select md5($1 || 'qualification_forms' || i)::uuid, md5($1 || 'users' || i)::uuid, 'Before we talk'
from generate_series($2::bigint, $3::bigint) as i

-- funnel_pages: 45 rows, grows, at least 6
insert into funnel_pages (
    id, lead_magnet_id, user_id, slug, optin_headline, optin_subline, optin_social_proof, is_published,
    published_at, theme, primary_color, created_at, qualification_form_id
)
select
    md5($1 || 'funnel_pages' || i)::uuid, m.id, m.user_id, 'guide-' || i, m.title, m.short_description,
    'Read by ' || 200 + i * 17 % 900 || ' owners', i = 1 or i % 9 <> 0,
    case when i = 1 or i % 9 <> 0 then now() - interval '95 days' end,
    case i % 3 when 0 then 'light' else 'dark' end, '#' || left(md5('page' || i), 6),
    now() - interval '100 days', case when i <= 4 then md5($1 || 'qualification_forms' || i)::uuid end
from generate_series($2::bigint, $3::bigint) as i
join lead_magnets as m on m.id = md5($1 || 'lead_magnets' || i)::uuid

-- funnel_page_sections: 37 rows, grows
insert into funnel_page_sections (id, funnel_page_id, section_type, page_location, sort_order, config)
select
    md5($1 || 'funnel_page_sections' || i)::uuid, md5($1 || 'funnel_pages' || 1 + i % n.funnel_pages)::uuid,
    w.kind, 'optin', (i / n.funnel_pages)::integer,
    case w.kind
        when 'steps' then '{"heading": "How it works", "steps": [{"title": "Read", "description": "Ten minutes"}, {"title": "Decide", "description": "One page"}]}'
        else '{"quote": "It saved us a quarter.", "author": "Sam", "role": "Owner"}'
    end::jsonb
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (funnel_pages bigint)
cross join lateral (select (array['testimonial', 'steps'])[1 + i % 2] as kind) as w

-- qualification_questions: 56 rows, grows
insert into qualification_questions (id, form_id, question_text, question_order, answer_type, qualifying_answer)
select
    md5($1 || 'qualification_questions' || i)::uuid, md5($1 || 'qualification_forms' || 1 + i % 4)::uuid,
    'Do you sell to other businesses? (' || i || ')', (i / 4)::integer, 'yes_no', '"yes"'
from generate_series($2::bigint, $3::bigint) as i

-- ab_experiments: 1 rows
insert into ab_experiments (id, funnel_page_id, user_id, name, status, test_field, started_at)
select
    md5($1 || 'ab_experiments' || i)::uuid, f.id, f.user_id, 'A shorter headline', 'running', 'headline',
    now() - interval '9 days'
from generate_series($2::bigint, $3::bigint) as i
join funnel_pages as f on f.id = md5($1 || 'funnel_pages' || i)::uuid

-- funnel_integrations: 1 rows
insert into funnel_integrations (id, funnel_page_id, user_id, provider, list_id, list_name)
select
    md5($1 || 'funnel_integrations' || i)::uuid, f.id, f.user_id, 'kit', '8' || i, 'Newsletter'
from generate_series($2::bigint, $3::bigint) as i
join funnel_pages as f on f.id = md5($1 || 'funnel_pages' || i)::uuid

-- page_views: 666 rows, grows
insert into page_views (id, funnel_page_id, visitor_hash, view_date, created_at, page_type)
select
    md5($1 || 'page_views' || g.i)::uuid,
    md5($1 || 'funnel_pages' || 1 + floor(n.funnel_pages * power(g.r, 2.5)))::uuid,
    md5($1 || 'visitor' || g.i), w.seen_at::date, w.seen_at,
    case when g.q < 0.8 then 'optin' when g.q < 0.92 then 'thankyou' else 'content' end
from (
    select i, random() as r, random() as q, random() as s
    from generate_series($2::bigint, $3::bigint) as i
) as g
cross join jsonb_to_record($4::jsonb) as n (funnel_pages bigint)
cross join lateral (select now() - g.s * interval '90 days' as seen_at) as w

-- funnel_leads: 414 rows, grows
insert into funnel_leads (
    id, funnel_page_id, lead_magnet_id, user_id, email, name, utm_source, utm_medium, utm_campaign,
    created_at, is_qualified
)
select
    md5($1 || 'funnel_leads' || g.i)::uuid, f.id, f.lead_magnet_id, f.user_id,
    'reader' || g.i || '.' || $1 || '@example.org',
    (array['Nadia', 'Owen', 'Keiko', 'Rafael', 'Salma', 'Jonas', 'Ines', 'Dmitri'])[1 + g.i % 8] || ' '
    || (array['Abara', 'Novak', 'Price', 'Sato', 'Weber', 'Costa', 'Dunne'])[1 + g.i % 7],
    (array['linkedin', 'newsletter', 'google', 'referral', null])[1 + floor(5 * g.q * g.q)::integer],
    (array['social', 'email', 'organic', null])[1 + g.i % 4], case when g.i % 3 = 0 then 'spring' end,
    now() - g.s * interval '90 days', case g.i % 4 when 0 then true when 1 then false end
from (
    select i, random() as r, random() as q, random() as s
    from generate_series($2::bigint, $3::bigint) as i
) as g
cross join jsonb_to_record($4::jsonb) as n (funnel_pages bigint)
join funnel_pages as f on f.id = md5($1 || 'funnel_pages' || 1 + floor(n.funnel_pages * power(g.r, 2.5)))::uuid

-- tracking_pixel_events: 752 rows, grows
insert into tracking_pixel_events (id, user_id, lead_id, provider, event_name, event_id, status, created_at, sent_at, attempts)
select
    md5($1 || 'tracking_pixel_events' || i)::uuid, l.user_id, l.id, (array['meta', 'linkedin'])[1 + i % 2],
    (array['Lead', 'PageView', 'Qualified'])[1 + i % 3], md5($1 || 'pixel' || i),
    case when i % 20 = 0 then 'failed' else 'sent' end, l.created_at,
    case when i % 20 <> 0 then l.created_at + interval '3 seconds' end, 1
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (funnel_leads bigint)
join funnel_leads as l on l.id = md5($1 || 'funnel_leads' || 1 + i % n.funnel_leads)::uuid

-- external_resource_clicks: 40 rows, grows
insert into external_resource_clicks (id, external_resource_id, library_id, clicked_at)
select
    md5($1 || 'external_resource_clicks' || i)::uuid, md5($1 || 'external_resources' || 1 + i % 4)::uuid,
    md5($1 || 'libraries' || 1)::uuid, now() - i * interval '2 hours'
from generate_series($2::bigint, $3::bigint) as i

-- user_integrations: 9 rows
insert into user_integrations (id, user_id, service, is_active, last_verified_at)
select
    md5($1 || 'user_integrations' || i)::uuid, md5($1 || 'users' || 1 + i % 3)::uuid,
    (array['resend', 'kit', 'heyreach', 'meta_pixel', 'grain', 'fathom', 'mailchimp', 'unipile', 'conductor'])[i],
    true, now() - interval '1 day'
from generate_series($2::bigint, $3::bigint) as i

-- webhook_configs: 2 rows
insert into webhook_configs (id, user_id, name, url)
select
    md5($1 || 'webhook_configs' || i)::uuid, md5($1 || 'users' || 1)::uuid, 'Our own systems ' || i,
    'https://example.com/hooks/' || i
from generate_series($2::bigint, $3::bigint) as i

-- team_domains: 2 rows
insert into team_domains (id, team_id, domain, status)
select
    md5($1 || 'team_domains' || i)::uuid, md5($1 || 'teams' || i)::uuid, $1 || '-' || i || '.example.com', 'pending_dns'
from generate_series($2::bigint, $3::bigint) as i

-- team_email_domains: 2 rows
insert into team_email_domains (id, team_id, domain, status)
select
    md5($1 || 'team_email_domains' || i)::uuid, md5($1 || 'teams' || i)::uuid, 'mail.' || $1 || '-' || i || '.example.com',
    'pending'
from generate_series($2::bigint, $3::bigint) as i

-- interactive_chats: 12 rows, grows
insert into interactive_chats (id, lead_magnet_id, session_token, title, created_at)
select
    md5($1 || 'interactive_chats' || i)::uuid, md5($1 || 'lead_magnets' || 1 + i % n.lead_magnets)::uuid,
    md5($1 || 'chat' || i), 'Which step is mine?', now() - i * interval '6 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (lead_magnets bigint)

-- interactive_chat_messages: 60 rows, grows
insert into interactive_chat_messages (id, chat_id, role, content, created_at)
select
    md5($1 || 'interactive_chat_messages' || i)::uuid,
    md5($1 || 'interactive_chats' || 1 + i % n.interactive_chats)::uuid,
    (array['user', 'assistant'])[1 + i / n.interactive_chats % 2],
    (array['We are four people and sell by referral.', 'Start with part two: it asks for one name a day.'])[1 + i / n.interactive_chats % 2],
    now() - interval '10 days' + i * interval '1 minute'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (interactive_chats bigint)
