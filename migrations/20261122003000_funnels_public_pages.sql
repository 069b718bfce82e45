-- Word to every process when a row changes that a public page was made from.

create function platform.notify_page_change() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    changed jsonb := pg_catalog.to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
    perform pg_catalog.pg_notify('page_changed', changed ->> tg_argv[0]);
    return null;
end
$$;
comment on function platform.notify_page_change() is
    'Row trigger: tells every process which row a public page was made from has changed';

create trigger notify_page_change after update or delete on public.funnel_pages
for each row execute function platform.notify_page_change('id');
create trigger notify_page_change after insert or update or delete on public.funnel_page_sections
for each row execute function platform.notify_page_change('funnel_page_id');
create trigger notify_page_change after update or delete on public.lead_magnets
for each row execute function platform.notify_page_change('id');
create trigger notify_page_change after update of name, username, avatar_url on public.users
for each row execute function platform.notify_page_change('id');
create trigger notify_page_change
after update of whitelabel_enabled, hide_branding, custom_site_name, custom_favicon_url, owner_id
on public.teams for each row execute function platform.notify_page_change('id');
