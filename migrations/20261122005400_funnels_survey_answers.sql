-- Answers of people who stopped half way, and a page's survey in one call.

alter table public.funnel_leads
    add column partial_answers jsonb check (jsonb_typeof(partial_answers) = 'object'),
    add column partial_at timestamptz,
    add constraint funnel_leads_partial_when check ((partial_answers is null) = (partial_at is null));
comment on column public.funnel_leads.partial_answers is
    'Question id → answer of a survey that was begun and not sent off; empty where it was skipped';
comment on column public.funnel_leads.partial_at is 'The last of the partial answers';
call access.apply('funnel_leads');

-- What the thank-you page asks. A form may be another person's of the team and what qualifies is for
-- nobody outside, so this looks on behalf of the service that serves the pages.
create function public.find_survey(page_id uuid) returns jsonb
language sql stable security definer
set search_path = ''
as $$
    select coalesce(pg_catalog.jsonb_agg(
        pg_catalog.jsonb_build_object(
            'id', q.id, 'question_text', q.question_text, 'answer_type', q.answer_type,
            'options', coalesce(q.options, '[]'::jsonb), 'placeholder', q.placeholder,
            'is_required', q.is_required, 'is_qualifying', q.is_qualifying,
            'qualifying_answer', q.qualifying_answer)
        order by q.question_order, q.created_at, q.id), '[]'::jsonb)
    from public.funnel_pages as f
    join public.qualification_questions as q on case
        when f.qualification_form_id is null then q.funnel_page_id = f.id
        else q.form_id = f.qualification_form_id
    end
    where f.id = page_id
$$;
comment on function public.find_survey(uuid) is
    'The questions of a page in order, of its form when it has one, with what qualifies';
grant execute on function public.find_survey(uuid) to service_role, svc_magnetlab;

-- Whoever holds a lead's signed token names the lead alone; whose it is has to be found first.
create function public.find_page_of_lead(lead_id uuid) returns uuid
language sql stable security definer
set search_path = ''
as $$ select l.funnel_page_id from public.funnel_leads as l where l.id = lead_id $$;
comment on function public.find_page_of_lead(uuid) is 'The page on which a lead opted in, or null';
grant execute on function public.find_page_of_lead(uuid) to service_role, svc_magnetlab;
