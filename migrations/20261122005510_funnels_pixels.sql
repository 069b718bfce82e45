-- What a published page shows of its people's pixels: ids, which are public, and never a token.

create function public.find_page_pixels(page_id uuid) returns jsonb
language sql stable security definer
set search_path = ''
as $$
    select pg_catalog.jsonb_object_agg(
        case i.service when 'meta_pixel' then 'meta' else 'linkedin' end,
        pg_catalog.jsonb_build_object(
            'id', coalesce(i.metadata ->> 'pixel_id', i.metadata ->> 'partner_id'),
            'conversion_id', i.metadata ->> 'conversion_id',
            'events', coalesce(i.metadata -> 'enabled_events', '["PageView", "Lead"]')))
    from public.funnel_pages as f
    left join public.teams as t on t.id = f.team_id
    join public.user_integrations as i on i.user_id = coalesce(t.owner_id, f.user_id)
    where f.id = page_id and i.is_active and i.service in ('meta_pixel', 'linkedin_insight')
        and coalesce(i.metadata ->> 'pixel_id', i.metadata ->> 'partner_id') is not null
$$;
comment on function public.find_page_pixels(uuid) is
    'The public ids of the pixels of a page''s people, or null';
grant execute on function public.find_page_pixels(uuid) to service_role, svc_magnetlab;

-- Pages are rendered anew when their people's pixels change.
create function platform.notify_pixel_change() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    whose uuid := (case when tg_op = 'DELETE' then old.user_id else new.user_id end);
begin
    perform pg_catalog.pg_notify('page_changed', whose::text);
    perform pg_catalog.pg_notify('page_changed', t.id::text)
    from public.teams as t where t.owner_id = whose;
    return null;
end
$$;
comment on function platform.notify_pixel_change() is
    'Row trigger: tells every process that pages with these pixels have changed';
create trigger notify_pixel_change_made after insert on public.user_integrations
for each row when (new.service in ('meta_pixel', 'linkedin_insight'))
execute function platform.notify_pixel_change();
create trigger notify_pixel_change after update of metadata, is_active on public.user_integrations
for each row when (old.service in ('meta_pixel', 'linkedin_insight'))
execute function platform.notify_pixel_change();
create trigger notify_pixel_change_gone after delete on public.user_integrations
for each row when (old.service in ('meta_pixel', 'linkedin_insight'))
execute function platform.notify_pixel_change();
