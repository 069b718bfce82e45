-- A file of people is judged as a set: the statement that brings them onto the list asks the suppression list
-- for all of them at once, so the same question per row need not be asked again.

create or replace trigger take_suppression before insert on public.email_subscribers
for each row when (
    new.status in ('pending', 'active')
    -- The jobs alone, which are service_role, and for the one list that they say they are judging.
    and (
        current_user <> 'service_role'
        or pg_catalog.current_setting('platform.judged_list', true) is distinct from new.team_id::text
    )
) execute function platform.take_suppression();

create index email_subscribers_complained on public.email_subscribers (tenant_id, email)
where status = 'complained';
