-- What the data API and its peers are measured on: three tables below one another and a search by
-- meaning, under row-level security as a Supabase application writes it. {user} is whoever asks.
create table public.desk_projects (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null default auth.uid(),
    name text not null,
    status text not null default 'open',
    created_at timestamptz not null default now()
);
create table public.desk_tasks (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null default auth.uid(),
    project_id uuid not null references public.desk_projects (id),
    title text not null,
    details jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create table public.desk_comments (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null default auth.uid(),
    task_id uuid not null references public.desk_tasks (id),
    body text not null,
    created_at timestamptz not null default now()
);
create table public.desk_notes (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null default auth.uid(),
    body text not null,
    embedding vector(256) not null
);
create index on public.desk_projects (user_id, created_at desc);
create index on public.desk_tasks (user_id, created_at desc);
create index on public.desk_tasks (project_id);
create index on public.desk_comments (task_id);
create index on public.desk_comments (user_id);

do $$
declare
    name text;
begin
    foreach name in array array['projects', 'tasks', 'comments', 'notes'] loop
        execute format(
            'alter table public.desk_%1$s enable row level security;'
            ' create policy own on public.desk_%1$s to authenticated'
            ' using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));'
            ' grant select, insert, update, delete on public.desk_%1$s to authenticated',
            name
        );
    end loop;
end
$$;

create function public.match_desk_notes(query_embedding vector(256), match_count int)
returns table (id uuid, body text, similarity double precision)
language sql stable as $$
    select n.id, n.body, 1 - (n.embedding <=> query_embedding)
    from public.desk_notes as n
    order by n.embedding <=> query_embedding
    limit match_count
$$;
grant execute on function public.match_desk_notes(vector, int) to authenticated;

-- Ten people have as much each; one of them asks. The notes are all that person's.
insert into public.desk_projects (user_id, name, created_at)
select case when n % 10 = 0 then '{user}'::uuid else md5((n % 10)::text)::uuid end, 'Project ' || n,
    now() - n * interval '1 minute'
from generate_series(1, 4000) as n;
insert into public.desk_tasks (user_id, project_id, title, details, created_at)
select p.user_id, p.id, p.name || ', task ' || n, jsonb_build_object('effort', n, 'tags', '["a", "b"]'::jsonb),
    p.created_at + n * interval '1 second'
from public.desk_projects as p cross join generate_series(1, 5) as n;
insert into public.desk_comments (user_id, task_id, body)
select t.user_id, t.id, 'Comment ' || n || ' on ' || t.title
from public.desk_tasks as t cross join generate_series(1, 3) as n;
insert into public.desk_notes (user_id, body, embedding)
select '{user}', 'Note ' || n,
    array(select random() - 0.5 from generate_series(1, 256) where n > 0)::vector(256)
from generate_series(1, 10000) as n;
create index on public.desk_notes using hnsw (embedding vector_cosine_ops);
analyze public.desk_projects, public.desk_tasks, public.desk_comments, public.desk_notes;
notify pgrst, 'reload schema';
