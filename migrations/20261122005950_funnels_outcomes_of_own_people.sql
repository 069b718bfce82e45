-- The touches of a lead are for its tenant to write: one that names an opt-in of other people counts for nobody.

create or replace function platform.find_funnel_lead(pipeline_lead uuid, at timestamptz) returns uuid
language sql stable security definer
set search_path = ''
as $$
    select f.id
    from public.leads as l
    cross join lateral pg_catalog.jsonb_array_elements(
        case pg_catalog.jsonb_typeof(l.opt_in_data -> 'touches')
            when 'array' then l.opt_in_data -> 'touches' else '[]'::jsonb end) as t (touch)
    join public.funnel_leads as f on f.id::text = t.touch ->> 'funnel_lead_id'
    left join public.teams as w on w.id = f.team_id
    join public.profiles as p on p.id = coalesce(w.owner_id, f.user_id) and p.tenant_id = l.tenant_id
    where l.id = pipeline_lead and f.created_at <= at
    order by f.created_at desc, f.id
    limit 1
$$;
comment on function platform.find_funnel_lead(uuid, timestamptz) is
    'The newest opt-in of a person of the pipeline with its own tenant, before a time, or null';
