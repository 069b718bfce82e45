-- Pages on people's own domains, and the look of a workspace that has no team.

alter table public.team_domains
    add column ownership_token text check (char_length(ownership_token) between 16 and 100),
    add column last_error text check (char_length(last_error) <= 500),
    add column verified_at timestamptz;
comment on column public.team_domains.ownership_token is
    'The value of a TXT record that shows whose domain this is';
comment on column public.team_domains.last_error is 'What the last check missed, in a sentence';
call access.apply('team_domains');

-- As before, and a page of a workspace without a team takes the look of its author's personal team.
create or replace function public.find_published_funnel(page_id uuid)
returns table (
    funnel_page_id uuid, user_id uuid, team_id uuid, acting_user_id uuid,
    username text, slug text, author_name text,
    site_name text, favicon_url text, hide_branding boolean,
    page public.funnel_pages, lead_magnet public.lead_magnets, sections jsonb
)
language sql stable security definer
set search_path = ''
as $$
    select
        f.id, f.user_id, f.team_id, coalesce(t.owner_id, f.user_id), u.username, f.slug, u.name,
        case when t.whitelabel_enabled then t.custom_site_name end,
        case when t.whitelabel_enabled then t.custom_favicon_url end,
        coalesce(t.whitelabel_enabled and t.hide_branding, false),
        f, m,
        (
            select coalesce(pg_catalog.jsonb_agg(s order by s.sort_order, s.id), '[]')
            from public.funnel_page_sections as s
            where s.funnel_page_id = f.id and s.is_visible
        )
    from public.funnel_pages as f
    join public.users as u on u.id = f.user_id
    left join public.teams as t on t.id = coalesce(f.team_id, (
        select own.id from public.teams as own where own.owner_id = f.user_id and own.is_personal
    ))
    left join public.lead_magnets as m on m.id = f.lead_magnet_id
    where f.id = page_id and f.is_published and not f.is_variant
$$;

create or replace function public.find_published_funnel_of_host(host text, page_slug text)
returns table (
    funnel_page_id uuid, user_id uuid, team_id uuid, acting_user_id uuid,
    username text, slug text, author_name text,
    site_name text, favicon_url text, hide_branding boolean,
    page public.funnel_pages, lead_magnet public.lead_magnets, sections jsonb
)
language sql stable security definer
set search_path = ''
as $$
    select found.*
    from public.team_domains as d
    join public.teams as t on t.id = d.team_id
    join lateral (
        select f.id
        from public.funnel_pages as f
        where f.slug = page_slug and f.is_published and not f.is_variant
            and (
                f.team_id = t.id
                or (t.is_personal and f.team_id is null and f.user_id = t.owner_id)
            )
        order by f.published_at, f.id
        limit 1
    ) as first on true
    cross join lateral public.find_published_funnel(first.id) as found
    where d.domain = lower(host) and d.status = 'active'
$$;
create index funnel_pages_team_slug on public.funnel_pages (team_id, slug) where team_id is not null;

create function public.find_page_domain(page_id uuid) returns text
language sql stable security definer
set search_path = ''
as $$
    select d.domain
    from public.funnel_pages as f
    join public.team_domains as d on d.status = 'active' and d.team_id = coalesce(f.team_id, (
        select own.id from public.teams as own where own.owner_id = f.user_id and own.is_personal
    ))
    where f.id = page_id
$$;
comment on function public.find_page_domain(uuid) is 'The own domain on which a page is shown, or null';

create function public.find_domain_state(host text) returns text
language sql stable security definer
set search_path = ''
as $$
    select d.status from public.team_domains as d where d.domain = lower(host)
$$;
comment on function public.find_domain_state(text) is
    'How far a domain is: for the router of hosts, and for who asks before making a certificate';
grant execute on function public.find_page_domain(uuid), public.find_domain_state(text)
to service_role, svc_magnetlab;

-- Every process forgets what it kept of a domain, and of its pages, when the domain changes.
create function platform.notify_domain_change() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    whose uuid := (case when tg_op = 'DELETE' then old.team_id else new.team_id end);
begin
    perform pg_catalog.pg_notify('page_changed', whose::text);
    perform pg_catalog.pg_notify('page_changed', t.owner_id::text)
    from public.teams as t where t.id = whose and t.is_personal;
    return null;
end
$$;
comment on function platform.notify_domain_change() is
    'Row trigger: tells every process that a domain and the pages on it have changed';
create trigger notify_domain_change after insert or update of status, domain or delete
on public.team_domains for each row execute function platform.notify_domain_change();
create trigger notify_personal_page_change
after update of whitelabel_enabled, hide_branding, custom_site_name, custom_favicon_url
on public.teams for each row when (new.is_personal)
execute function platform.notify_page_change('owner_id');
