-- Search by meaning as Supabase's own guides write it: a table, and a function that clients call.

create table public.passages (
    id int primary key,
    owner uuid not null default auth.uid(),
    body text not null,
    embedding vector(3) not null
);
alter table public.passages enable row level security;
create policy own on public.passages to authenticated
    using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
grant select, insert, update, delete on public.passages to authenticated;

create function public.match_passages(
    query_embedding vector(3), match_threshold float, match_count int
) returns table (id int, body text, similarity float)
    language sql stable as $$
    select p.id, p.body, 1 - (p.embedding <=> query_embedding)
    from public.passages as p
    where 1 - (p.embedding <=> query_embedding) > match_threshold
    order by p.embedding <=> query_embedding
    limit match_count
$$;
grant execute on function public.match_passages(vector, float, int) to anon, authenticated;
