-- Who unsubscribes does so because of the last mail they got.

create function platform.mark_mail_that_was_left() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    update public.email_outbox as o set left_at = new.created_at
    where o.left_at is null and o.id = (
        select l.id from public.email_outbox as l
        where l.subscriber_id = new.subscriber_id and l.status = 'sent'
            and l.kind not in ('resource', 'transactional', 'test')
        order by l.sent_at desc
        limit 1);
    return null;
end
$$;
comment on function platform.mark_mail_that_was_left() is
    'Row trigger: an unsubscription counts against the last marketing mail that the person got';
create trigger mark_mail_that_was_left after insert on public.email_events
for each row when (new.event_type = 'unsubscribed' and new.subscriber_id is not null)
execute function platform.mark_mail_that_was_left();
