-- Leads that are one person, and leads that are out of sight; both can be undone.

alter table public.funnel_leads
    add column archived_at timestamptz,
    add column merged_into_id uuid references public.funnel_leads (id) on delete set null,
    add constraint funnel_leads_merged_into_another check (merged_into_id <> id);
comment on column public.funnel_leads.archived_at is 'Out of the list since then; counts all the same';
comment on column public.funnel_leads.merged_into_id is
    'The lead that stands for the same person; every page keeps its own lead';
create index on public.funnel_leads (merged_into_id) where merged_into_id is not null;
call access.apply('funnel_leads');

create table public.funnel_lead_merges (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    team_id uuid references public.teams (id) on delete cascade,
    funnel_lead_id uuid not null references public.funnel_leads (id) on delete cascade,
    filled jsonb not null default '{}'::jsonb check (jsonb_typeof(filled) = 'object'),
    merged_at timestamptz not null default now(),
    undone_at timestamptz
);
comment on table public.funnel_lead_merges is 'That some leads were found to be one person';
comment on column public.funnel_lead_merges.user_id is 'Whose the leads are, not who merged them';
comment on column public.funnel_lead_merges.funnel_lead_id is 'The lead that stands for all';
comment on column public.funnel_lead_merges.filled is
    'Fields of that lead that were empty and what the merge filled in';
create index on public.funnel_lead_merges (user_id);
create index on public.funnel_lead_merges (team_id);
create index on public.funnel_lead_merges (funnel_lead_id, merged_at desc);
call access.owner('funnel_lead_merges', commands => '{select}');
call access.written_by('funnel_lead_merges', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

create table public.funnel_lead_merge_parts (
    merge_id uuid not null references public.funnel_lead_merges (id) on delete cascade,
    funnel_lead_id uuid not null references public.funnel_leads (id) on delete cascade,
    was_merged_into_id uuid references public.funnel_leads (id) on delete set null,
    primary key (merge_id, funnel_lead_id)
);
comment on table public.funnel_lead_merge_parts is 'A lead that a merge moved, and where it was before';
create index on public.funnel_lead_merge_parts (funnel_lead_id);
create index on public.funnel_lead_merge_parts (was_merged_into_id) where was_merged_into_id is not null;
call access.through('funnel_lead_merge_parts', 'merge_id', 'funnel_lead_merges', commands => '{select}');
call access.written_by('funnel_lead_merge_parts', 'magnetlab', 'funnels', '{copy_of_gtm_os}');
