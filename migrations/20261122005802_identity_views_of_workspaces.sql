-- A kept view shows what is in the workspace that it was kept in, so each workspace has its own.

alter table public.saved_views
    add column workspace_team_id uuid references public.teams (id) on delete cascade,
    drop constraint saved_views_user_id_list_name_key,
    add constraint saved_views_name_key
        unique nulls not distinct (user_id, workspace_team_id, list, name);
comment on column public.saved_views.workspace_team_id is
    'The team in whose lists the person finds it; null in their personal workspace';
create index on public.saved_views (workspace_team_id);
call access.apply('saved_views');
