-- Lead magnets and what they are made from.

-- brand_kits: 45 rows, grows, at least 4
insert into brand_kits (
    id, user_id, business_description, business_type, credibility_markers, urgent_pains, sender_name,
    preferred_tone, default_primary_color, website_url
)
select
    md5($1 || 'brand_kits' || i)::uuid, md5($1 || 'users' || i)::uuid,
    'We help small firms win their next ten clients without a sales team.',
    (array['coach-consultant', 'agency-owner', 'course-creator', 'freelancer', 'saas-tech', 'b2b-service'])[1 + i % 6],
    array['120 projects since 2016', 'Speakers at three trade events'],
    array['Leads that go quiet', 'Proposals that take a week'],
    'The team at ' || i, 'conversational', '#' || left(md5('colour' || i), 6), 'https://example.com/' || i
from generate_series($2::bigint, $3::bigint) as i

-- lead_magnets: 49 rows, grows, at least 8
insert into lead_magnets (
    id, user_id, title, archetype, status, pain_point, target_audience, short_description,
    polished_content, created_at, published_at
)
select
    md5($1 || 'lead_magnets' || i)::uuid,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid,
    w.title, (enum_range(null::lead_magnet_archetype))[1 + i % 10],
    case when i <= n.funnel_pages then 'published' else 'draft' end::lead_magnet_status,
    'You know what to do next and never find the hour to do it.',
    'Owners of firms with 5 to 50 people', 'A short guide with a plan for the week.',
    jsonb_build_object(
        'version', 1, 'title', w.title, 'heroSummary', 'A plan that fits into one week.',
        'metadata', jsonb_build_object('wordCount', 620, 'readingTimeMinutes', 4),
        'sections', (
            select jsonb_agg(jsonb_build_object(
                'id', 'section-' || s, 'sectionName', 'Part ' || s, 'introduction', '', 'keyTakeaway', '',
                'blocks', jsonb_build_array(jsonb_build_object(
                    'type', 'paragraph', 'content', repeat('Write down what happened, and what you will change. ', 12)
                ))
            ) order by s)
            from generate_series(1, 6) as s
        )
    ),
    now() - interval '180 days' + i % 150 * interval '1 day',
    case when i <= n.funnel_pages then now() - interval '100 days' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint, funnel_pages bigint)
cross join lateral (
    select (array['The weekly pipeline plan', 'The proposal teardown', 'The referral script', 'The pricing worksheet'])[1 + i % 4]
        || ' no. ' || i as title
) as w

-- extraction_sessions: 137 rows, grows
insert into extraction_sessions (id, user_id, lead_magnet_id, current_step, extraction_answers, draft_title, created_at)
select
    md5($1 || 'extraction_sessions' || i)::uuid, m.user_id, case when i % 3 = 0 then m.id end, 1 + i % 6,
    jsonb_build_object('audience', 'Owners of small firms', 'result', 'Ten clients in a quarter'),
    m.title, now() - i * interval '11 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (lead_magnets bigint)
join lead_magnets as m on m.id = md5($1 || 'lead_magnets' || 1 + i % n.lead_magnets)::uuid

-- email_sequences: 6 rows, grows
insert into email_sequences (id, lead_magnet_id, user_id, emails, status)
select
    md5($1 || 'email_sequences' || i)::uuid, m.id, m.user_id,
    (
        select jsonb_agg(jsonb_build_object('day', day, 'subject', 'Day ' || day, 'body', 'One step for today.'))
        from generate_series(0, 4) as day
    ),
    case when i % 2 = 0 then 'active' else 'draft' end
from generate_series($2::bigint, $3::bigint) as i
join lead_magnets as m on m.id = md5($1 || 'lead_magnets' || i)::uuid

-- lead_magnet_analytics: 60 rows, grows
insert into lead_magnet_analytics (
    id, lead_magnet_id, linkedin_views, linkedin_likes, linkedin_comments, dms_sent, leads_captured, captured_at
)
select
    md5($1 || 'lead_magnet_analytics' || i)::uuid,
    md5($1 || 'lead_magnets' || 1 + i % n.lead_magnets)::uuid,
    (i * 37 % 4000)::integer, (i * 7 % 300)::integer, (i * 3 % 90)::integer, (i % 40)::integer,
    (i % 25)::integer, now() - i / n.lead_magnets * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (lead_magnets bigint)

-- swipe_file_posts: 29 rows
insert into swipe_file_posts (id, content, hook, post_type, niche, topic_tags, likes_count, comments_count, author_name, status)
select
    md5($1 || 'swipe_file_posts' || i)::uuid,
    'We lost a client last spring. The reason was in their first e-mail, and nobody had read it twice.',
    'We lost a client last spring.',
    (array['story', 'listicle', 'hot-take', 'educational', 'case-study', 'carousel'])[1 + i % 6],
    (array['coaching', 'saas', 'agency', 'creator', 'b2b', 'other'])[1 + i % 6],
    array['clients', 'sales'], (i * 41 % 900)::integer, (i * 13 % 120)::integer, 'Author ' || i,
    (array['approved', 'featured', 'pending'])[1 + i % 3]
from generate_series($2::bigint, $3::bigint) as i

-- swipe_file_lead_magnets: 1 rows
insert into swipe_file_lead_magnets (id, title, description, format, niche, status, related_post_id)
select
    md5($1 || 'swipe_file_lead_magnets' || i)::uuid, 'The first-call checklist', 'Ten questions, one page.',
    'checklist', 'agency', 'approved', md5($1 || 'swipe_file_posts' || i)::uuid
from generate_series($2::bigint, $3::bigint) as i
