-- Views of lists that a person keeps: the same in every browser.

create table public.saved_views (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    list text not null check (list ~ '^/app/' and char_length(list) <= 200),
    name text not null check (char_length(btrim(name)) between 1 and 40),
    query text not null check ((query = '' or query like '?%') and char_length(query) <= 2000),
    created_at timestamptz not null default now(),
    unique (user_id, list, name)
);
comment on table public.saved_views is 'A list as a person wants to find it again: search, filters and order';
comment on column public.saved_views.list is 'Path of the list';
comment on column public.saved_views.query is 'What follows the path: empty, or from the question mark on';

call access.owner('saved_views');
call access.written_by('saved_views', 'magnetlab', 'identity');
