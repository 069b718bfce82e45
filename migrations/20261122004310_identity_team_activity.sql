-- What people do in a team writes itself down, by whatever path it is done: names of fields, never values.
-- Nothing is noted of personal workspaces, nor of what the service key imports: there nobody acts.

create function access.note_activity(team uuid, actor uuid, action text, target_type text, target uuid, fields text[])
returns void
language sql volatile security definer
set search_path = ''
as $$
    insert into public.team_activity_log (team_id, user_id, action, target_type, target_id, details)
    select t.id, actor, note_activity.action, note_activity.target_type, target::text,
        case when fields is null then '{}'
            else pg_catalog.jsonb_build_object('fields', pg_catalog.to_jsonb(fields)) end
    from public.teams as t
    where t.id = team and not t.is_personal and actor is not null
$$;
comment on function access.note_activity(uuid, uuid, text, text, uuid, text[]) is
    'Appends one line to the activity of a team';

create function access.changed_fields(before jsonb, after jsonb) returns text[]
language sql immutable
set search_path = ''
as $$
    select pg_catalog.array_agg(a.key order by a.key)
    from pg_catalog.jsonb_each(after) as a
    where a.value is distinct from before -> a.key
        and a.key not in ('updated_at', 'published_at', 'polished_at', 'confirmed_at', 'accepted_at', 'invited_at')
$$;
comment on function access.changed_fields(jsonb, jsonb) is 'The names of the fields in which two rows differ';

create function access.note_team() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    fields text[];
begin
    if tg_op = 'INSERT' then
        perform access.note_activity(new.id, auth.uid(), 'team.created', 'team', new.id, null);
        return null;
    end if;
    fields := access.changed_fields(pg_catalog.to_jsonb(old), pg_catalog.to_jsonb(new));
    if old.owner_id <> new.owner_id then
        perform access.note_activity(new.id, auth.uid(), 'team.handed_over', 'team', new.id, null);
    elsif fields is not null then
        perform access.note_activity(new.id, auth.uid(), 'team.updated', 'team', new.id, fields);
    end if;
    return null;
end
$$;
comment on function access.note_team() is 'Row trigger: what was done to a team';

create function access.note_profile() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    actor uuid := auth.uid();
    fields text[];
    noted text;
begin
    if tg_op = 'INSERT' then
        if new.user_id is distinct from actor then
            perform access.note_activity(new.team_id, actor, 'profile.created', 'profile', new.id, null);
        end if;
        return null;
    end if;
    fields := access.changed_fields(pg_catalog.to_jsonb(old), pg_catalog.to_jsonb(new));
    if old.status <> new.status then
        noted := case
            when new.status = 'removed' then 'profile.removed'
            when old.status = 'removed' then 'profile.restored'
            else 'profile.joined'
        end;
        if noted = 'profile.joined' then
            actor := new.user_id;
        end if;
        fields := null;
    elsif fields is null or fields <@ array['role', 'user_id'] then
        return null;
    else
        noted := 'profile.updated';
    end if;
    perform access.note_activity(new.team_id, actor, noted, 'profile', new.id, fields);
    return null;
end
$$;
comment on function access.note_profile() is 'Row trigger: who came, left, or changed a persona';

-- Made, changed, moved to a status: tg_argv names the kind of thing.
create function access.note_work() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    given jsonb := pg_catalog.to_jsonb(new);
    before jsonb;
    fields text[];
    noted text := 'created';
begin
    if tg_op = 'UPDATE' then
        before := pg_catalog.to_jsonb(old);
        fields := access.changed_fields(before, given);
        if fields is null then
            return null;
        end if;
        noted := case
            when given -> 'is_published' is distinct from before -> 'is_published' then
                case when (given ->> 'is_published')::boolean then 'published' else 'unpublished' end
            when given -> 'status' is distinct from before -> 'status' then given ->> 'status'
            else 'updated'
        end;
        if noted <> 'updated' then
            fields := null;
        end if;
    end if;
    perform access.note_activity(
        new.team_id, auth.uid(), tg_argv[0] || '.' || noted, tg_argv[0], new.id, fields);
    return null;
end
$$;
comment on function access.note_work() is 'Row trigger: what was made or changed for a team';

create trigger note_team after insert or update on public.teams for each row
when (not new.is_personal) execute function access.note_team();
create trigger note_profile after insert or update on public.team_profiles for each row
execute function access.note_profile();
create trigger note_work after insert or update on public.lead_magnets for each row
when (new.team_id is not null) execute function access.note_work('lead_magnet');
create trigger note_work after insert or update on public.funnel_pages for each row
when (new.team_id is not null) execute function access.note_work('funnel');

create function access.refuse_rewriting() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if current_user in ('authenticated', 'svc_magnetlab') then
        raise exception 'What happened stays written.' using errcode = 'LS409', table = tg_table_name;
    end if;
    return coalesce(new, old);
end
$$;
comment on function access.refuse_rewriting() is 'Row trigger: rows are added and never changed';
create trigger refuse_rewriting before update or delete on public.team_activity_log for each row
execute function access.refuse_rewriting();
