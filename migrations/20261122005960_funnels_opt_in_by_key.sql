-- The opt-in behind a touch is looked up by its key: by its text, every lead of everybody was read.

create or replace function platform.find_funnel_lead(pipeline_lead uuid, at timestamptz) returns uuid
language sql stable security definer
set search_path = ''
as $$
    select f.id
    from public.leads as l
    cross join lateral pg_catalog.jsonb_array_elements(
        case pg_catalog.jsonb_typeof(l.opt_in_data -> 'touches')
            when 'array' then l.opt_in_data -> 'touches' else '[]'::jsonb end) as t (touch)
    join public.funnel_leads as f on f.id = case
        when t.touch ->> 'funnel_lead_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            then (t.touch ->> 'funnel_lead_id')::uuid
    end
    left join public.teams as w on w.id = f.team_id
    join public.profiles as p on p.id = coalesce(w.owner_id, f.user_id) and p.tenant_id = l.tenant_id
    where l.id = pipeline_lead and f.created_at <= at
    order by f.created_at desc, f.id
    limit 1
$$;
