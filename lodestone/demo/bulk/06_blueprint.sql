-- Personal reports: prospects, and sixty posts written for each.

-- templates: 60 rows
insert into templates (id, title, template_content, linkedin_template_title, num_likes, num_comments, author_name, tenant_id)
select
    md5($1 || 'templates' || i)::uuid, 'Template ' || i, 'Loss. Reason. What we changed. The rule.', 'The lesson, no. ' || i,
    (i * 29 % 800)::integer, (i * 7 % 90)::integer, 'Author ' || i, md5($1 || 'tenants' || 1)::uuid
from generate_series($2::bigint, $3::bigint) as i

-- prospects: 1892 rows, grows, at least 6
insert into prospects (
    id, tenant_id, full_name, first_name, last_name, email, company, linkedin_url, normalized_linkedin_url, slug,
    status, analysis_status, authority_score, fit_score, score_profile_optimization, score_content_presence,
    score_outbound_systems, score_inbound_infrastructure, score_social_proof, score_summary, recommended_headline,
    buyer_persona, formatted_report, lm_1_headline, recommended_offer, priority_tier, created_at
)
select
    md5($1 || 'prospects' || g.i)::uuid,
    md5($1 || 'tenants' || case when g.i % 5 < 2 then 1 else 1 + g.i / 5 % n.tenants end)::uuid,
    w.first || ' ' || w.last, w.first, w.last, 'prospect' || g.i || '.' || $1 || '@example.org', 'Company ' || g.i,
    w.url, w.url, $1 || '-prospect-' || g.i,
    (array['complete', 'complete', 'complete', 'enriching', 'error', 'pending'])[1 + g.i % 6],
    (array['complete', 'complete', 'complete', 'processing', 'error', 'pending'])[1 + g.i % 6],
    1 + floor(99 * g.r), 1 + floor(99 * g.s), 1 + g.i % 10, 1 + g.i % 9, 1 + g.i % 8, 1 + g.i % 7, 1 + g.i % 6,
    'Known by name, hard to buy from.', 'I help small firms answer first',
    'An owner who writes the proposals at night.',
    repeat('Your page says what you do and not for whom. Begin with the person who paid you last. ', 20),
    'The answer-first checklist', (enum_range(null::blueprint_offer_type))[1 + g.i % 3], (1 + g.i % 3)::integer,
    now() - g.s * interval '200 days'
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (tenants bigint)
cross join lateral (
    select
        (array['Elin', 'Joao', 'Sunita', 'Karl', 'Bea', 'Omar'])[1 + g.i % 6] as first,
        (array['Holm', 'Silva', 'Rao', 'Vogt', 'Lopez', 'Aziz', 'Carter'])[1 + g.i % 7] as last,
        'https://www.linkedin.com/in/' || $1 || '-prospect-' || g.i as url
) as w

-- posts: 111784 rows, grows
insert into posts (
    id, prospect_id, template_id, name, post_content, first_sentence, post_ready, to_fix, number, impressions, likes,
    comments, created_at
)
select
    md5($1 || 'posts' || i)::uuid, md5($1 || 'prospects' || 1 + i % n.prospects)::uuid,
    md5($1 || 'templates' || 1 + i % 60)::uuid, 'Post ' || 1 + i / n.prospects,
    'Last month a client asked for a discount and got a smaller project instead. No. ' || i || E'.\n\n'
    || 'They thanked us twice. A smaller yes is still a yes, and it ships in a week. What did you make smaller lately?',
    'Last month a client asked for a discount.', i % 3 > 0, i % 17 = 0, (1 + i / n.prospects)::integer,
    case when i % 9 = 0 then (i * 31 % 7000)::integer end, case when i % 9 = 0 then (i * 7 % 300)::integer end,
    case when i % 9 = 0 then (i % 60)::integer end, now() - i % 200 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (prospects bigint)

-- settings: 6 rows
insert into settings (key, value, tenant_id)
select 'setting_' || i, 'on', md5($1 || 'tenants' || 1)::uuid from generate_series($2::bigint, $3::bigint) as i

-- blueprint_settings: 3 rows
insert into blueprint_settings (id, tenant_id, bootcamp_offer_title, bootcamp_offer_description)
select
    md5($1 || 'blueprint_settings' || i)::uuid, md5($1 || 'tenants' || i)::uuid, 'The six-week sprint',
    'Six weeks, one habit a week.'
from generate_series($2::bigint, $3::bigint) as i

-- blueprint_content_blocks: 8 rows
insert into blueprint_content_blocks (id, tenant_id, block_key, block_type, title, content)
select
    md5($1 || 'blueprint_content_blocks' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'block-' || i,
    (array['testimonial', 'case_study', 'feature', 'benefit', 'faq', 'pricing', 'cta'])[1 + i % 7], 'What you get',
    'A plan for thirty days.'
from generate_series($2::bigint, $3::bigint) as i

-- client_logos: 6 rows
insert into client_logos (id, tenant_id, name, image_url, sort_order)
select
    md5($1 || 'client_logos' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'Client ' || i,
    'https://example.com/logos/' || i || '.svg', i::integer
from generate_series($2::bigint, $3::bigint) as i

-- dead_letter_queue: 4 rows
insert into dead_letter_queue (id, tenant_id, job_type, job_id, prospect_id, payload, error_message, attempts)
select
    md5($1 || 'dead_letter_queue' || i)::uuid, md5($1 || 'tenants' || 1)::uuid,
    (array['scrape-prospect', 'enrich-prospect', 'generate-posts', 'send-notification'])[i], $1 || '-' || i,
    md5($1 || 'prospects' || i)::uuid, '{}', 'The profile could not be read.', 5
from generate_series($2::bigint, $3::bigint) as i

-- blueprint_requests: 172 rows, grows
insert into blueprint_requests (id, tenant_id, source, status, full_name, email, prospect_id, received_at, delivered_at)
select
    md5($1 || 'blueprint_requests' || i)::uuid, p.tenant_id, (array['form', 'api', 'plusvibe', 'heyreach'])[1 + i % 4],
    case when i % 12 = 0 then 'error' when i % 7 = 0 then 'generating' else 'delivered' end, p.full_name, p.email, p.id,
    now() - i % 150 * interval '1 day',
    case when i % 12 > 0 and i % 7 > 0 then now() - i % 150 * interval '1 day' + interval '20 minutes' end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (prospects bigint)
join prospects as p on p.id = md5($1 || 'prospects' || 1 + i % n.prospects)::uuid
