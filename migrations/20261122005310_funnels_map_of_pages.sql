-- The map of published pages for search engines: addresses alone, read by the service that serves pages.

create function public.list_published_funnels(after_id uuid, most integer)
returns table (id uuid, username text, slug text, updated_at timestamptz)
language sql stable security definer
set search_path = ''
as $$
    select f.id, u.username, f.slug, f.updated_at
    from public.funnel_pages as f
    join public.users as u on u.id = f.user_id and u.username is not null
    where f.is_published and not f.is_variant and (after_id is null or f.id > after_id)
    order by f.id
    limit most
$$;
comment on function public.list_published_funnels(uuid, integer) is
    'Addresses of published pages by id, a part at a time';

create function public.list_funnel_map_parts(size integer) returns table (id uuid)
language sql stable security definer
set search_path = ''
as $$
    select numbered.id
    from (
        select f.id, pg_catalog.row_number() over (order by f.id) as place,
            pg_catalog.count(*) over () as total
        from public.funnel_pages as f
        join public.users as u on u.id = f.user_id and u.username is not null
        where f.is_published and not f.is_variant
    ) as numbered
    where numbered.place % size = 0 and numbered.place < numbered.total
    order by numbered.id
$$;
comment on function public.list_funnel_map_parts(integer) is
    'The last page of each full part of the map of published pages, save the last part''s';

grant execute on function
    public.list_published_funnels(uuid, integer), public.list_funnel_map_parts(integer)
to service_role, svc_magnetlab;

create index funnel_pages_published_idx on public.funnel_pages (id)
where is_published and not is_variant;
