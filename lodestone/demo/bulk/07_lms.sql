-- Teaching: cohorts, lessons, students and what they asked the tools.

-- bootcamp_cohorts: 2 rows
insert into bootcamp_cohorts (id, tenant_id, name, status, start_date, end_date)
select
    md5($1 || 'bootcamp_cohorts' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'Sprint ' || i, 'Active',
    current_date - 60, current_date + 30
from generate_series($2::bigint, $3::bigint) as i

-- lms_cohorts: 4 rows
insert into lms_cohorts (id, tenant_id, name, status, start_date, end_date, product_type, sort_order)
select
    md5($1 || 'lms_cohorts' || i)::uuid, md5($1 || 'tenants' || 1 + i / 4)::uuid, 'Programme ' || i, 'Active',
    current_date - 60, current_date + 60, (array['course', 'bootcamp', 'upsell', 'bundle'])[1 + i % 4], i::integer
from generate_series($2::bigint, $3::bigint) as i

-- lms_weeks: 13 rows
insert into lms_weeks (id, cohort_id, title, description, sort_order)
select
    md5($1 || 'lms_weeks' || i)::uuid, md5($1 || 'lms_cohorts' || 1 + i % 4)::uuid, 'Week ' || 1 + i / 4,
    'One habit, practised every day.', (1 + i / 4)::integer
from generate_series($2::bigint, $3::bigint) as i

-- lms_lessons: 45 rows
insert into lms_lessons (id, week_id, title, description, sort_order)
select
    md5($1 || 'lms_lessons' || i)::uuid, md5($1 || 'lms_weeks' || 1 + i % 13)::uuid, 'Lesson ' || 1 + i / 13,
    'Twelve minutes and an exercise.', (1 + i / 13)::integer
from generate_series($2::bigint, $3::bigint) as i

-- lms_content_items: 140 rows
insert into lms_content_items (id, lesson_id, title, content_text, content_type, sort_order)
select
    md5($1 || 'lms_content_items' || i)::uuid, md5($1 || 'lms_lessons' || 1 + i % 45)::uuid, 'Reading ' || 1 + i / 45,
    'Write the message to one person you know, and send it before lunch.', 'text', (1 + i / 45)::integer
from generate_series($2::bigint, $3::bigint) as i

-- lms_action_items: 24 rows
insert into lms_action_items (id, week_id, text, sort_order)
select
    md5($1 || 'lms_action_items' || i)::uuid, md5($1 || 'lms_weeks' || 1 + i % 13)::uuid, 'Send five messages, round ' || i,
    (1 + i / 13)::integer
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_students: 143 rows, grows, at least 10
insert into bootcamp_students (
    id, tenant_id, email, name, company, cohort, status, access_level, purchase_date, payment_source, prospect_id, created_at
)
select
    md5($1 || 'bootcamp_students' || i)::uuid, md5($1 || 'tenants' || 1 + case when i % 5 < 4 then 0 else i / 5 % n.tenants end)::uuid,
    'student' || i || '.' || $1 || '@example.org', 'Student ' || i, 'Company ' || i, 'Sprint ' || 1 + i % 2,
    (array['Active', 'Active', 'Onboarding', 'Completed', 'Paused'])[1 + i % 5],
    case when i % 6 = 0 then 'Curriculum Only' else 'Full Access' end, now() - i % 150 * interval '1 day', 'stripe',
    case when i % 4 = 0 then md5($1 || 'prospects' || 1 + i % n.prospects)::uuid end, now() - i % 150 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (tenants bigint, prospects bigint)

-- student_cohorts: 103 rows, grows
insert into student_cohorts (student_id, cohort_id, joined_at, enrollment_source)
select
    md5($1 || 'bootcamp_students' || i)::uuid, md5($1 || 'lms_cohorts' || 1 + i % 4)::uuid, now() - i % 100 * interval '1 day',
    'manual'
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_student_survey: 48 rows, grows
insert into bootcamp_student_survey (id, student_id, industry, company_size, primary_goal, biggest_challenges, completed_at)
select
    md5($1 || 'bootcamp_student_survey' || i)::uuid, md5($1 || 'bootcamp_students' || i)::uuid, 'Services', '5-20',
    'Ten clients', array['Time', 'Follow-up'], now() - interval '20 days'
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_onboarding_checklist: 8 rows
insert into bootcamp_onboarding_checklist (id, tenant_id, item, category, sort_order)
select
    md5($1 || 'bootcamp_onboarding_checklist' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'Step ' || i,
    (array['Welcome', 'Account Setup', 'AI Tools', 'Community', 'Getting Started'])[1 + i % 5], i::integer
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_student_progress: 200 rows, grows
insert into bootcamp_student_progress (id, student_id, checklist_item_id, status)
select
    md5($1 || 'bootcamp_student_progress' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + (i - 1) / 8)::uuid,
    md5($1 || 'bootcamp_onboarding_checklist' || 1 + i % 8)::uuid,
    (array['Not Started', 'In Progress', 'Complete', 'Skipped'])[1 + i / 8 % 4]
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_settings: 24 rows
insert into bootcamp_settings (id, tenant_id, key, value, description)
select
    md5($1 || 'bootcamp_settings' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'setting_' || i, to_jsonb(i), 'A choice'
from generate_series($2::bigint, $3::bigint) as i

-- bootcamp_invite_codes: 2 rows
insert into bootcamp_invite_codes (id, tenant_id, code, cohort_id, max_uses, use_count)
select
    md5($1 || 'bootcamp_invite_codes' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, upper($1) || '-' || i,
    md5($1 || 'bootcamp_cohorts' || i)::uuid, 100, 12
from generate_series($2::bigint, $3::bigint) as i

-- student_redeemed_codes: 24 rows, grows
insert into student_redeemed_codes (id, student_id, code)
select md5($1 || 'student_redeemed_codes' || i)::uuid, md5($1 || 'bootcamp_students' || i)::uuid, upper($1) || '-1'
from generate_series($2::bigint, $3::bigint) as i

-- student_content_grants: 20 rows, grows
insert into student_content_grants (id, student_id, week_id)
select md5($1 || 'student_content_grants' || i)::uuid, md5($1 || 'bootcamp_students' || i)::uuid, md5($1 || 'lms_weeks' || 1 + i % 13)::uuid::text
from generate_series($2::bigint, $3::bigint) as i

-- lms_student_lesson_progress: 400 rows, grows
insert into lms_student_lesson_progress (id, student_id, lesson_id, completed_at)
select
    md5($1 || 'lms_student_lesson_progress' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + (i - 1) / 40)::uuid,
    md5($1 || 'lms_lessons' || 1 + i % 40)::uuid, now() - i % 40 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i

-- lms_student_action_item_progress: 200 rows, grows
insert into lms_student_action_item_progress (id, student_id, action_item_id, completed_at, notes)
select
    md5($1 || 'lms_student_action_item_progress' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + (i - 1) / 20)::uuid,
    md5($1 || 'lms_action_items' || 1 + i % 20)::uuid, now() - i % 40 * interval '1 day', 'Three answered.'
from generate_series($2::bigint, $3::bigint) as i

-- subscription_events: 40 rows, grows
insert into subscription_events (id, student_id, event_type, stripe_event_id, created_at)
select
    md5($1 || 'subscription_events' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + i % n.bootcamp_students)::uuid,
    (array['created', 'paid', 'paid', 'canceled'])[1 + i % 4], 'evt_' || md5($1 || 'subscription' || i),
    now() - i % 90 * interval '1 day'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (bootcamp_students bigint)

-- ai_tools: 3 rows
insert into ai_tools (id, tenant_id, slug, name, description, system_prompt, sort_order)
select
    md5($1 || 'ai_tools' || i)::uuid, md5($1 || 'tenants' || 1)::uuid, 'tool-' || i, 'Tool ' || i, 'Answers in one paragraph',
    'You answer in one short paragraph.', i::integer
from generate_series($2::bigint, $3::bigint) as i

-- student_tool_credits: 541 rows, grows
insert into student_tool_credits (id, student_id, tool_id, credits_total, credits_used, granted_by_code)
select
    md5($1 || 'student_tool_credits' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + i % n.bootcamp_students)::uuid,
    md5($1 || 'ai_tools' || 1 + i / n.bootcamp_students % 3)::uuid, 50, (i % 50)::integer,
    'GRANT-' || i / n.bootcamp_students
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (bootcamp_students bigint)

-- chat_conversations: 195 rows, grows
insert into chat_conversations (id, student_id, tool_id, title, created_at)
select
    md5($1 || 'chat_conversations' || i)::uuid, md5($1 || 'bootcamp_students' || 1 + i % n.bootcamp_students)::uuid,
    md5($1 || 'ai_tools' || 1 + i % 3)::uuid, 'My first line', now() - i * interval '10 hours'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (bootcamp_students bigint)

-- chat_messages: 1594 rows, grows
insert into chat_messages (id, conversation_id, role, content, input_tokens, output_tokens, created_at)
select
    md5($1 || 'chat_messages' || i)::uuid, c.id, (array['user', 'assistant'])[1 + w.turn % 2],
    (array['Is this line any good? "We help firms grow."', 'It could be anybody. Name the person and the week.'])[1 + w.turn % 2],
    case w.turn % 2 when 1 then 210 end, case w.turn % 2 when 1 then 40 end, c.created_at + w.turn * interval '1 minute'
from generate_series($2::bigint, $3::bigint) as i
cross join jsonb_to_record($4::jsonb) as n (chat_conversations bigint)
cross join lateral (select (i / n.chat_conversations)::integer as turn) as w
join chat_conversations as c on c.id = md5($1 || 'chat_conversations' || 1 + i % n.chat_conversations)::uuid
