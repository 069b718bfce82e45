-- Where a tracked link leads, for the redirect: visitors read titles, and a stranger's click names no owner.

create function public.find_published_link(resource_id uuid, in_library uuid)
returns table (url text, acting_user_id uuid, funnel_page_id uuid, library_id uuid)
language sql stable security definer
set search_path = ''
as $$
    select r.url, coalesce(t.owner_id, r.user_id), shown.funnel_page_id, shown.library_id
    from public.external_resources as r
    left join public.teams as t on t.id = r.team_id
    cross join lateral (
        select f.id as funnel_page_id, null::uuid as library_id
        from public.funnel_pages as f
        where f.external_resource_id = r.id and f.is_published and not f.is_variant
        union all
        select f.id, f.library_id
        from public.library_items as i
        join public.funnel_pages as f on f.library_id = i.library_id
        where i.external_resource_id = r.id and f.is_published and not f.is_variant
    ) as shown
    where r.id = resource_id
    order by (shown.library_id is not distinct from in_library) desc, shown.funnel_page_id
    limit 1
$$;
comment on function public.find_published_link(uuid, uuid) is
    'Where a link leads that a published page gives away, the page on which it stands, and for whom the service counts';
grant execute on function public.find_published_link(uuid, uuid) to service_role, svc_magnetlab;
