alter table public.email_sequences
    add column written_by text not null default 'person'
        check (written_by in ('model', 'template', 'person'));
comment on column public.email_sequences.written_by is
    'Who wrote the mails as they stand: a model, the built-in template, or a person since';
call access.apply('email_sequences');

alter table public.email_review_queue
    add column subject_edited text check (char_length(subject_edited) between 1 and 500 and subject_edited !~ '[\r\n]'),
    add column rejected_with text check (rejected_with in ('original', 'skip')),
    add column run_number integer not null default 1 check (run_number > 0),
    add column model text;
comment on column public.email_review_queue.subject_edited is 'The reviewer''s subject; null when unchanged';
comment on column public.email_review_queue.rejected_with is 'What went out instead: the text of the step, or nothing';
comment on column public.email_review_queue.run_number is 'Which time through the flow the mail belongs to';
comment on column public.email_review_queue.model is 'What wrote it; offline is the built-in rule';
call access.apply('email_review_queue');

-- Whoever confirms the address gets the welcome mails that were due meanwhile.
create function platform.welcome_confirmed() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    perform platform.enqueue_job(
        'email:resume_welcome',
        pg_catalog.convert_to(
            pg_catalog.json_build_object('enrolment_id', e.id, 'index', 0)::text, 'UTF8'))
    from public.email_sequence_enrolments as e
    join public.funnel_leads as l on l.id = e.funnel_lead_id
    where e.status = 'active' and l.email = new.email
        and (l.team_id = new.team_id or l.team_id is null and exists (
            select from public.teams as t
            where t.id = new.team_id and t.owner_id = l.user_id and t.is_personal));
    return null;
end
$$;
comment on function platform.welcome_confirmed() is
    'Row trigger: whoever confirms the address gets the welcome mails that were due';
create trigger welcome_confirmed after update of status on public.email_subscribers
for each row when (old.status = 'pending' and new.status = 'active')
execute function platform.welcome_confirmed();

-- The outcome of a reviewed mail is that of its message.
create function platform.note_reviewed_mail() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    update public.email_review_queue as r
    set status = case new.status when 'sent' then 'sent' else 'failed' end,
        sent_at = case new.status when 'sent' then new.sent_at end,
        error_message = case new.status when 'sent' then null else new.error_message end
    where r.id = new.review_id and r.status = 'approved';
    return null;
end
$$;
comment on function platform.note_reviewed_mail() is 'Row trigger: a reviewed mail was sent, or failed, as its message';
create trigger note_reviewed_mail after update of status on public.email_outbox
for each row when (
    new.review_id is not null and new.status in ('sent', 'failed', 'cancelled') and old.status <> new.status)
execute function platform.note_reviewed_mail();

-- A mail that failed and is sent after all was approved all the while.
create function platform.retry_reviewed_mail() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    update public.email_review_queue as r set status = 'approved', error_message = null
    where r.id = new.review_id and r.status = 'failed';
    return null;
end
$$;
comment on function platform.retry_reviewed_mail() is 'Row trigger: a reviewed mail that is queued again is approved again';
create trigger retry_reviewed_mail after update of status on public.email_outbox
for each row when (new.review_id is not null and new.status = 'queued' and old.status in ('failed', 'uncertain'))
execute function platform.retry_reviewed_mail();
