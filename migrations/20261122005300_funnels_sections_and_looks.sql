-- More types of sections, placeholders that no visitor sees, and a page colour of one's own.

alter table public.funnel_page_sections
    drop constraint funnel_page_sections_section_type_check,
    add constraint funnel_page_sections_section_type_check check (section_type in (
        'logo_bar', 'steps', 'testimonial', 'marketing_block', 'section_bridge',
        'hero', 'stats_bar', 'feature_grid', 'social_proof_wall')),
    add column is_placeholder boolean not null default false,
    add constraint funnel_page_sections_placeholder_check
        check (not (is_placeholder and is_visible));
comment on column public.funnel_page_sections.is_placeholder is
    'Put there by a template and not filled yet, so never shown to visitors';

alter table public.funnel_pages
    add column background_color text check (background_color ~ '^#[0-9a-fA-F]{6}$');
comment on column public.funnel_pages.background_color is
    'The colour behind the page when its theme is custom; the text''s follows from it';

-- The website of the brand kit, which a page links to unless it names another. Brand kits are not for
-- visitors, so this looks on behalf of the service that serves the pages, as find_published_funnel does.
create function public.find_website_of(page_id uuid) returns text
language sql stable security definer
set search_path = ''
as $$
    select k.website_url
    from public.funnel_pages as f
    join public.brand_kits as k
        on case when f.team_id is null
            then k.user_id = f.user_id and k.team_id is null else k.team_id = f.team_id end
    where f.id = page_id and k.website_url ~* '^https?://'
$$;
comment on function public.find_website_of(uuid) is 'The website in the brand kit of a page''s workspace, or null';
grant execute on function public.find_website_of(uuid) to service_role, svc_magnetlab;

create trigger notify_page_change after insert or update of website_url on public.brand_kits
for each row when (new.team_id is null) execute function platform.notify_page_change('user_id');
create trigger notify_team_page_change after insert or update of website_url on public.brand_kits
for each row when (new.team_id is not null) execute function platform.notify_page_change('team_id');

call access.apply('funnel_pages');
call access.apply('funnel_page_sections');
