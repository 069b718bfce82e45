-- A super admin's key administers only with the scope admin and for no single team, and a key that is bound
-- to a team opens that team's folder alone.

create or replace function access.is_super_admin() returns boolean
language sql stable security definer
set search_path = ''
as $$
    select coalesce(auth.jwt() ->> 'key_scope', 'admin') = 'admin' and access.bound_team_id() is null
        and exists (select from public.users as u where u.id = auth.uid() and u.is_super_admin)
$$;

create or replace function access.own_folders() returns text[]
language sql stable
set search_path = ''
as $$
    select case
        when access.bound_team_id() is null then auth.uid()::text || access.team_ids()::text[]
        else access.team_ids()::text[]
    end
$$;
comment on function access.own_folders() is
    'The folders of whoever acts: their own and their teams''; with a key bound to a team, that one''s';
