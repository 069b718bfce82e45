-- Asking people in counts alike, on whatever path: a hundred in a day for a person. A place that is written
-- at the tables waits like any other, and its mail goes out, so that no answer tells who has an account.

create function access.take_invitation() returns integer
language sql volatile security definer
set search_path = ''
as $$
    select platform.take(
        pg_catalog.sha256(pg_catalog.convert_to('invitations ' || auth.uid()::text, 'UTF8')), 100, 86400)
$$;
comment on function access.take_invitation() is
    'Counts an invitation by whoever acts; returns 0, or the seconds to wait after a hundred in a day';
revoke execute on function access.take_invitation() from public;
grant execute on function access.take_invitation() to authenticated, svc_magnetlab, service_role;
insert into access.definer_functions (function_name, reason) values
    ('access.take_invitation', 'Counts a hit of the caller''s own; the counters are readable by nobody');

create function access.count_invitation() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    wait_seconds constant integer := access.take_invitation();
begin
    if wait_seconds > 0 then
        raise exception 'You have invited a hundred people within a day.'
            using errcode = 'LS429', hint = pg_catalog.format('Try again in %s seconds.', wait_seconds);
    end if;
    new.status := 'pending';
    new.invited_at := pg_catalog.now();
    return new;
end
$$;
comment on function access.count_invitation() is
    'Row trigger: a place that a person writes at the table is an invitation, and counts as one';

-- After claim_known_person by name: nobody is put into the team at once, which would tell of an account.
create trigger count_invitation before insert on public.team_profiles for each row
when (current_user = 'authenticated' and new.email is not null)
execute function access.count_invitation();
create trigger count_invitation before insert on public.team_members for each row
when (current_user = 'authenticated') execute function access.count_invitation();

create function access.mail_invitation() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform platform.enqueue_job(
        'identity:invite_place',
        pg_catalog.convert_to(
            pg_catalog.jsonb_build_object('place_id', new.id, 'inviter_id', auth.uid())::text, 'UTF8'),
        unique_key => 'identity:invite_place:' || new.id);
    return null;
end
$$;
comment on function access.mail_invitation() is
    'Row trigger: the link of a place that was written at the table is made and mailed by a job';
create trigger mail_invitation after insert on public.team_profiles for each row
when (current_user = 'authenticated' and new.email is not null)
execute function access.mail_invitation();
create trigger mail_invitation after insert on public.team_members for each row
when (current_user = 'authenticated') execute function access.mail_invitation();
