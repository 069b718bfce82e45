-- Calls, what was learned from them, and posts. Vectors have 256 numbers and zeros after them.

-- cp_call_transcripts: 43 rows, grows
insert into cp_call_transcripts (
    id, user_id, source, external_id, title, call_date, duration_minutes, participants, raw_transcript,
    summary, transcript_type, extracted_topics, knowledge_extracted_at
)
select
    md5($1 || 'cp_call_transcripts' || i)::uuid,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid,
    (array['grain', 'fireflies', 'fathom'])[1 + i % 3], $1 || '-call-' || i, 'Call no. ' || i,
    now() - i * interval '31 hours', (20 + i % 40)::integer, array['Host', 'Guest ' || i],
    repeat('Host: What changed since we spoke? Guest: We write before we call now, and half of them answer. ', 60),
    'What changed since the first call, and what to try next.',
    (array['coaching', 'sales', 'interview', 'webinar'])[1 + i % 4], array['outreach', 'habits'],
    now() - i * interval '31 hours' + interval '2 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint)

-- cp_tag_clusters: 8 rows
insert into cp_tag_clusters (id, user_id, name, description)
select
    md5($1 || 'cp_tag_clusters' || i)::uuid, md5($1 || 'users' || 1)::uuid, 'Cluster ' || i, 'Tags that mean the same'
from generate_series($2::bigint, $3::bigint) as i

-- cp_knowledge_tags: 1616 rows, grows
insert into cp_knowledge_tags (id, user_id, tag_name, usage_count, cluster_id)
select
    md5($1 || 'cp_knowledge_tags' || i)::uuid,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid,
    (array['pricing', 'hiring', 'outreach', 'onboarding', 'retention'])[1 + i % 5] || '-' || i,
    (i % 30)::integer, case when i % 5 < 2 then md5($1 || 'cp_tag_clusters' || 1 + i % 8)::uuid end
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint)

-- cp_knowledge_topics: 1 rows
insert into cp_knowledge_topics (id, user_id, slug, display_name, entry_count, avg_quality)
select md5($1 || 'cp_knowledge_topics' || i)::uuid, md5($1 || 'users' || i)::uuid, 'outreach', 'Outreach', 40, 3.6
from generate_series($2::bigint, $3::bigint) as i

-- cp_knowledge_entries: 515 rows, grows, at least 4
insert into cp_knowledge_entries (
    id, user_id, transcript_id, category, speaker, content, context, tags, topics, knowledge_type,
    quality_score, specificity, actionability, source_date, embedding, embedding_model, created_at
)
select
    md5($1 || 'cp_knowledge_entries' || i)::uuid, t.user_id, t.id,
    (array['insight', 'question', 'product_intel'])[1 + i % 3], (array['host', 'participant'])[1 + i % 2],
    'Half of the replies came within an hour when the first line named a page of theirs. No. ' || i,
    'Said while going through last month''s numbers.', array['outreach'], array['outreach'],
    (array['how_to', 'insight', 'story', 'question', 'objection', 'mistake', 'decision', 'market_intel'])[1 + i % 8],
    (1 + i % 5)::integer, i % 2 = 0,
    (array['immediately_actionable', 'contextual', 'theoretical'])[1 + i % 3], t.call_date::date,
    (l2_normalize(v.numbers)::real[] || array_fill(0::real, array[1280]))::vector(1536), 'wordllama', t.call_date
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_call_transcripts bigint)
join cp_call_transcripts as t on t.id = md5($1 || 'cp_call_transcripts' || 1 + i % n.cp_call_transcripts)::uuid
cross join lateral (
    select array_agg((random() - 0.5)::real)::vector as numbers from generate_series(1, 256) where i > 0
) as v

-- cp_knowledge_corroborations: 40 rows, grows
insert into cp_knowledge_corroborations (id, entry_id, corroborated_by)
select
    md5($1 || 'cp_knowledge_corroborations' || i)::uuid, md5($1 || 'cp_knowledge_entries' || 2 * i)::uuid,
    md5($1 || 'cp_knowledge_entries' || 2 * i + 1)::uuid
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_knowledge_entries bigint)

-- cp_sop_embeddings: 60 rows
insert into cp_sop_embeddings (id, file_path, content_hash, title, module, embedding, embedding_model)
select
    md5($1 || 'cp_sop_embeddings' || i)::uuid, $1 || '/sop-' || i || '.md', md5('sop' || i), 'How we do step ' || i,
    (array['onboarding', 'content', 'outbound'])[1 + i % 3],
    (l2_normalize(v.numbers)::real[] || array_fill(0::real, array[1280]))::vector(1536), 'wordllama'
from generate_series($2::bigint, $3::bigint) as i
cross join lateral (
    select array_agg((random() - 0.5)::real)::vector as numbers from generate_series(1, 256) where i > 0
) as v

-- cp_playbook_sync_runs: 2 rows
insert into cp_playbook_sync_runs (id, run_at, entries_processed, entries_enriched, status)
select md5($1 || 'cp_playbook_sync_runs' || i)::uuid, now() - i * interval '7 days', 160, 40, 'success'
from generate_series($2::bigint, $3::bigint) as i

-- cp_knowledge_sop_matches: 329 rows, grows
insert into cp_knowledge_sop_matches (id, knowledge_entry_id, sop_file_path, similarity_score, action, sync_run_id)
select
    md5($1 || 'cp_knowledge_sop_matches' || i)::uuid,
    md5($1 || 'cp_knowledge_entries' || 1 + i % n.cp_knowledge_entries)::uuid, $1 || '/sop-' || 1 + i % 60 || '.md',
    0.5 + i % 50 / 100.0,
    (array['enrich', 'redundant', 'tangential', 'orphaned', 'new_sop', 'deferred', 'reference', 'faq'])[1 + i % 8],
    md5($1 || 'cp_playbook_sync_runs' || 1 + i % 2)::uuid
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_knowledge_entries bigint)

-- playbook_learnings: 10 rows
insert into playbook_learnings (id, raw_text, learning_type, status, submitted_by)
select
    md5($1 || 'playbook_learnings' || i)::uuid, 'Send the summary the same day: three clients thanked us for it.',
    'process', (array['pending', 'completed', 'rejected'])[1 + i % 3], 'team'
from generate_series($2::bigint, $3::bigint) as i

-- cp_content_ideas: 226 rows, grows
insert into cp_content_ideas (
    id, user_id, transcript_id, title, core_insight, hook, content_type, content_pillar, relevance_score,
    composite_score, status, created_at
)
select
    md5($1 || 'cp_content_ideas' || i)::uuid, t.user_id, t.id, 'What the tenth reply taught us, part ' || i,
    'Names open doors, questions keep them open.', 'The tenth reply was the rudest, and the best.',
    (array['story', 'insight', 'tip', 'framework', 'case_study', 'question', 'listicle', 'contrarian'])[1 + i % 8],
    (array['moments_that_matter', 'teaching_promotion', 'human_personal', 'collaboration_social_proof'])[1 + i % 4],
    (1 + i % 10)::integer, i % 100 / 10.0,
    (array['extracted', 'extracted', 'selected', 'written', 'published', 'archived'])[1 + i % 6],
    t.call_date + interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_call_transcripts bigint)
join cp_call_transcripts as t on t.id = md5($1 || 'cp_call_transcripts' || 1 + i % n.cp_call_transcripts)::uuid

-- cp_writing_styles: 1 rows
insert into cp_writing_styles (id, user_id, name, description, style_profile, source_posts_analyzed)
select
    md5($1 || 'cp_writing_styles' || i)::uuid, md5($1 || 'users' || i)::uuid, 'Plain and short',
    'Short sentences, one thought each.', '{"tone": "warm", "sentence_length": "short"}', 20
from generate_series($2::bigint, $3::bigint) as i

-- cp_tracked_creators: 479 rows, grows
insert into cp_tracked_creators (id, linkedin_url, name, headline, avg_engagement, post_count, added_by_user_id, last_scraped_at)
select
    md5($1 || 'cp_tracked_creators' || i)::uuid, 'https://www.linkedin.com/in/' || $1 || '-creator-' || i, 'Creator ' || i,
    'Writes about selling', i % 400, (i % 60)::integer,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid, now() - i % 48 * interval '1 hour'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint)

-- cp_scrape_runs: 10 rows
insert into cp_scrape_runs (id, user_id, target_url, status, posts_found, started_at, completed_at)
select
    md5($1 || 'cp_scrape_runs' || i)::uuid, md5($1 || 'users' || 1)::uuid,
    'https://www.linkedin.com/in/' || $1 || '-creator-' || i, 'completed', 12, now() - i * interval '1 day',
    now() - i * interval '1 day' + interval '3 minutes'
from generate_series($2::bigint, $3::bigint) as i

-- cp_scrape_searches: 6 rows
insert into cp_scrape_searches (id, query, description)
select md5($1 || 'cp_scrape_searches' || i)::uuid, 'agency growth ' || i, 'What owners of agencies ask'
from generate_series($2::bigint, $3::bigint) as i

-- cp_pipeline_scrape_runs: 10 rows
insert into cp_pipeline_scrape_runs (id, run_type, posts_found, winners_found, started_at, completed_at)
select
    md5($1 || 'cp_pipeline_scrape_runs' || i)::uuid, (array['creator', 'search', 'extraction'])[1 + i % 3], 120, 9,
    now() - i * interval '1 day', now() - i * interval '1 day' + interval '9 minutes'
from generate_series($2::bigint, $3::bigint) as i

-- cp_viral_posts: 5124 rows, grows
insert into cp_viral_posts (
    id, user_id, scrape_run_id, author_name, content, likes, comments, shares, views, percentile_rank, created_at,
    bright_data_id, engagement_score, creator_id, is_winner
)
select
    md5($1 || 'cp_viral_posts' || g.i)::uuid, c.added_by_user_id,
    case when g.i % 40 = 0 then md5($1 || 'cp_scrape_runs' || 1 + g.i % 10)::uuid end, c.name,
    repeat('Most proposals lose on page one. Ours lost for two years before somebody told us why. ', 6),
    w.likes, w.likes / 9, w.likes / 30, w.likes * 40, round((100 * g.r)::numeric, 1),
    now() - g.s * interval '120 days', $1 || '-post-' || g.i, w.likes + 3 * (w.likes / 9), c.id, g.r > 0.9
from (select i, random() as r, random() as s from generate_series($2::bigint, $3::bigint) as i) as g
cross join jsonb_to_record($4::jsonb) as n (cp_tracked_creators bigint)
cross join lateral (select floor(20 / (1.01 - g.r))::integer as likes) as w
join cp_tracked_creators as c on c.id = md5($1 || 'cp_tracked_creators' || 1 + g.i % n.cp_tracked_creators)::uuid

-- cp_post_templates: 182 rows, grows
insert into cp_post_templates (
    id, user_id, name, category, description, structure, use_cases, tags, usage_count, is_global, source,
    scraped_post_id, embedding, embedding_model
)
select
    md5($1 || 'cp_post_templates' || i)::uuid,
    md5($1 || 'users' || case when i % 5 < 2 then 1 else 1 + i % n.users end)::uuid, 'Template ' || i,
    (array['story', 'framework', 'listicle', 'contrarian', 'case_study', 'question', 'educational', 'motivational'])[1 + i % 8],
    'Opens with a loss, ends with a rule.', 'Loss. Reason. What we changed. The rule.', array['launch'], array['story'],
    (i % 20)::integer, i % 3 = 0, (array['user_created', 'scraped'])[1 + i % 2],
    md5($1 || 'cp_viral_posts' || 1 + i % n.cp_viral_posts)::uuid,
    (l2_normalize(v.numbers)::real[] || array_fill(0::real, array[1280]))::vector(1536), 'wordllama'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (users bigint, cp_viral_posts bigint)
cross join lateral (
    select array_agg((random() - 0.5)::real)::vector as numbers from generate_series(1, 256) where i > 0
) as v

-- cp_pipeline_posts: 83 rows, grows, at least 4
insert into cp_pipeline_posts (
    id, user_id, idea_id, draft_content, final_content, status, scheduled_time, hook_score, polish_status,
    published_at, linkedin_post_id, template_id, engagement_stats, created_at
)
select
    md5($1 || 'cp_pipeline_posts' || g.i)::uuid, d.user_id, d.id,
    repeat('We asked twelve owners what they do on Monday at nine. Eleven said: e-mail. ', 7),
    repeat('We asked twelve owners what they do on Monday at nine. ', 7), w.status,
    case when w.status = 'scheduled' then now() + g.i % 20 * interval '1 day' end, (1 + g.i % 10)::integer, 'polished',
    case when w.status = 'published' then now() - g.i % 80 * interval '1 day' end,
    case when w.status = 'published' then 'urn:li:activity:' || md5($1 || '/' || g.i) end,
    md5($1 || 'cp_post_templates' || 1 + g.i % n.cp_post_templates)::uuid,
    case when w.status = 'published' then jsonb_build_object('likes', g.i * 17 % 300, 'comments', g.i % 40) end,
    now() - g.i % 90 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as g (i)
cross join jsonb_to_record($4::jsonb) as n (cp_content_ideas bigint, cp_post_templates bigint)
cross join lateral (
    select (array['published', 'published', 'draft', 'approved', 'scheduled', 'reviewing'])[1 + g.i % 6] as status
) as w
join cp_content_ideas as d on d.id = md5($1 || 'cp_content_ideas' || 1 + g.i % n.cp_content_ideas)::uuid

-- cp_post_performance: 200 rows, grows
insert into cp_post_performance (id, user_id, post_id, views, likes, comments, shares, impressions, engagement_rate, captured_at)
select
    md5($1 || 'cp_post_performance' || i)::uuid, p.user_id, p.id, (i * 31 % 5000)::integer, (i * 7 % 300)::integer,
    (i % 50)::integer, (i % 9)::integer, (i * 43 % 9000)::integer, i % 80 / 10.0,
    now() - i / n.cp_pipeline_posts * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_pipeline_posts bigint)
join cp_pipeline_posts as p on p.id = md5($1 || 'cp_pipeline_posts' || 1 + i % n.cp_pipeline_posts)::uuid

-- cp_monitored_competitors: 8 rows
insert into cp_monitored_competitors (id, user_id, linkedin_profile_url, name, headline)
select
    md5($1 || 'cp_monitored_competitors' || i)::uuid, md5($1 || 'users' || 1 + i % 2)::uuid,
    'https://www.linkedin.com/in/' || $1 || '-rival-' || i, 'Rival ' || i, 'Sells what we sell'
from generate_series($2::bigint, $3::bigint) as i

-- cp_post_engagements: 300 rows, grows
insert into cp_post_engagements (
    id, user_id, post_id, provider_id, engagement_type, reaction_type, first_name, last_name, linkedin_url, engaged_at
)
select
    md5($1 || 'cp_post_engagements' || i)::uuid, p.user_id, p.id, 'person-' || i, 'reaction',
    (array['LIKE', 'CELEBRATE', 'LOVE', 'INSIGHTFUL', 'FUNNY', 'SUPPORT'])[1 + i % 6], 'Person', 'No. ' || i,
    'https://www.linkedin.com/in/' || $1 || '-person-' || i, now() - i * interval '37 minutes'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_pipeline_posts bigint)
join cp_pipeline_posts as p on p.id = md5($1 || 'cp_pipeline_posts' || 1 + i % n.cp_pipeline_posts)::uuid

-- cp_linkedin_profiles: 100 rows, grows
insert into cp_linkedin_profiles (provider_id, first_name, last_name, linkedin_url, headline)
select
    $1 || '-person-' || i, 'Person', 'No. ' || i, 'https://www.linkedin.com/in/' || $1 || '-person-' || i, 'Owner'
from generate_series($2::bigint, $3::bigint) as i

-- cp_performance_patterns: 24 rows
insert into cp_performance_patterns (id, user_id, pattern_type, pattern_value, avg_engagement_rate, sample_count, confidence)
select
    md5($1 || 'cp_performance_patterns' || i)::uuid, md5($1 || 'users' || 1 + i % 3)::uuid,
    (array['hook', 'format', 'topic', 'length'])[1 + i % 4], 'pattern ' || i, i % 9, i::integer,
    (array['low', 'medium', 'high'])[1 + i % 3]
from generate_series($2::bigint, $3::bigint) as i

-- cp_business_context: 4 rows
insert into cp_business_context (id, user_id, company_name, industry, target_audience, icp_pain_points)
select
    md5($1 || 'cp_business_context' || i)::uuid, md5($1 || 'users' || i)::uuid, 'Business ' || i, 'Services',
    'Owners of small firms', array['Leads that go quiet']
from generate_series($2::bigint, $3::bigint) as i

-- cp_edit_history: 10 rows, grows
insert into cp_edit_history (id, team_id, content_type, content_id, field_name, original_text, edited_text, edited_by)
select
    md5($1 || 'cp_edit_history' || i)::uuid, md5($1 || 'teams' || 1)::uuid, 'post',
    md5($1 || 'cp_pipeline_posts' || 1 + i % n.cp_pipeline_posts)::uuid, 'draft_content',
    'We are excited to announce a change.', 'We changed something.', md5($1 || 'users' || 1)::uuid
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_pipeline_posts bigint)

-- cp_inspiration_sources: 8 rows
insert into cp_inspiration_sources (id, user_id, source_type, source_value, priority)
select
    md5($1 || 'cp_inspiration_sources' || i)::uuid, md5($1 || 'users' || 1 + i % 2)::uuid,
    (array['creator', 'search_term', 'hashtag', 'competitor'])[1 + i % 4], 'source ' || i, (1 + i % 5)::integer
from generate_series($2::bigint, $3::bigint) as i

-- cp_inspiration_pulls: 60 rows, grows
insert into cp_inspiration_pulls (id, user_id, source_id, content_type, title, content_preview, source_url, pulled_at)
select
    md5($1 || 'cp_inspiration_pulls' || i)::uuid, s.user_id, s.id, 'post', 'Worth a look, no. ' || i,
    'They opened with the invoice nobody paid.', 'https://example.com/posts/' || $1 || '/' || i, now() - i * interval '4 hours'
from generate_series($2::bigint, $3::bigint) as i
join cp_inspiration_sources as s on s.id = md5($1 || 'cp_inspiration_sources' || 1 + i % 8)::uuid

-- cp_posting_slots: 15 rows
insert into cp_posting_slots (id, user_id, slot_number, time_of_day, day_of_week, is_active)
select
    md5($1 || 'cp_posting_slots' || i)::uuid, md5($1 || 'users' || 1 + (i - 1) / 5)::uuid, (1 + (i - 1) % 5)::integer,
    time '09:00', ((i - 1) % 5)::integer, true
from generate_series($2::bigint, $3::bigint) as i

-- cp_week_plans: 2 rows
insert into cp_week_plans (id, user_id, week_start_date, status)
select
    md5($1 || 'cp_week_plans' || i)::uuid, md5($1 || 'users' || i)::uuid, date_trunc('week', now())::date, 'draft'
from generate_series($2::bigint, $3::bigint) as i

-- linkedin_automations: 5 rows
insert into linkedin_automations (id, user_id, name, post_id, keywords, dm_template, status, leads_captured)
select
    md5($1 || 'linkedin_automations' || i)::uuid, p.user_id, 'Sends the guide, no. ' || i, p.id, array['guide'],
    'Here it is, as promised.', (array['draft', 'running', 'paused'])[1 + i % 3], (i * 3)::integer
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (cp_pipeline_posts bigint)
join cp_pipeline_posts as p on p.id = md5($1 || 'cp_pipeline_posts' || 1 + i % n.cp_pipeline_posts)::uuid

-- linkedin_automation_events: 100 rows, grows
insert into linkedin_automation_events (id, automation_id, event_type, commenter_name, comment_text, comment_id, created_at)
select
    md5($1 || 'linkedin_automation_events' || i)::uuid, md5($1 || 'linkedin_automations' || 1 + i % 5)::uuid,
    (array['comment_detected', 'keyword_matched', 'dm_sent'])[1 + i % 3], 'Person ' || i, 'guide, please', 'comment-' || i,
    now() - i * interval '50 minutes'
from generate_series($2::bigint, $3::bigint) as i

-- ai_prompt_templates: 14 rows
insert into ai_prompt_templates (id, slug, name, category, description, user_prompt)
select
    md5($1 || 'ai_prompt_templates' || i)::uuid, $1 || '-prompt-' || i, 'Prompt ' || i, 'content', 'Made for load tests',
    'Write one sentence about {{ topic }}.'
from generate_series($2::bigint, $3::bigint) as i

-- ai_prompt_versions: 16 rows
insert into ai_prompt_versions (id, prompt_id, version, user_prompt, change_note)
select
    md5($1 || 'ai_prompt_versions' || i)::uuid, md5($1 || 'ai_prompt_templates' || 1 + i % 14)::uuid,
    (1 + i / 14)::integer, 'Write one sentence about {{ topic }}.', 'Shorter'
from generate_series($2::bigint, $3::bigint) as i
