-- Whoever leaves a team does so in their own name: places are otherwise written by the owner.

create function access.leave_team(team uuid) returns void
language plpgsql security definer
set search_path = ''
as $$
begin
    update public.team_profiles as p
    set status = 'removed', confirmed_at = null, is_default = false
    where p.team_id = team and p.user_id = auth.uid() and p.status = 'active';
    if not found then
        raise exception 'You are not in this team.' using errcode = '42501';
    end if;
end
$$;
comment on function access.leave_team(uuid) is 'Ends the place that the acting person has in a team';
grant execute on function access.leave_team(uuid) to authenticated, service_role;
insert into access.definer_functions (function_name, reason) values
    ('access.leave_team', 'Ends a place of the caller''s own; writes nobody else''s');
