-- Search by meaning. The index knows the first 256 numbers of each vector; a search takes far more
-- candidates from it than it returns, and ranks them by the whole vector. These two are inlined into the
-- statements that call them: the first has to be the indexed expression, word for word.

create function platform.head_distance(stored vector, sought vector) returns double precision
language sql immutable parallel safe
return (subvector(stored, 1, 256)::vector(256)) <=> (subvector(sought, 1, 256)::vector(256));
comment on function platform.head_distance(vector, vector) is
    'Cosine distance (0 to 2) of the first 256 numbers, as the HNSW indexes have them';

create function platform.cosine_similarity(stored vector, sought vector) returns double precision
language sql immutable parallel safe
return 1 - (stored <=> sought);
comment on function platform.cosine_similarity(vector, vector) is
    'Of the whole vectors, -1 to 1; NaN when one of them is all zeros';

grant execute on function
    platform.head_distance(vector, vector), platform.cosine_similarity(vector, vector)
to authenticated, service_role, svc_magnetlab;

-- Planned anew for each call, since the best plan depends on whose rows and how many; the scan goes on
-- until enough rows pass the filters and the caller's policies.
create function public.cp_search_knowledge_entries(
    p_query_embedding vector,
    p_embedding_model text,
    p_user_id uuid default null,
    p_team_id uuid default null,
    p_profile_id uuid default null,
    p_threshold double precision default 0.6,
    p_match_count integer default 20,
    p_knowledge_type text default null,
    p_topic_slug text default null,
    p_min_quality integer default null,
    p_since date default null,
    p_category text default null,
    p_speaker text default null,
    p_tag text default null
) returns table (entry_id uuid, similarity double precision)
language plpgsql stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
set hnsw.iterative_scan = 'relaxed_order'
set hnsw.ef_search = '100'
as $$
declare
    wanted constant integer := least(greatest(p_match_count, 0), 1000);
    candidates constant integer := greatest(100, 5 * wanted);
begin
    return query
    select ranked.id, ranked.score
    from (
        select near.id, platform.cosine_similarity(near.embedding, p_query_embedding) as score
        from (
            select e.id, e.embedding
            from public.cp_knowledge_entries as e
            where e.embedding is not null
                and e.embedding_model = p_embedding_model
                and e.superseded_by is null
                and (p_user_id is null or e.user_id = p_user_id)
                and (p_team_id is null or e.team_id = p_team_id)
                and (p_profile_id is null or e.source_profile_id = p_profile_id)
                and (p_knowledge_type is null or e.knowledge_type = p_knowledge_type)
                and (p_topic_slug is null or e.topics @> array[p_topic_slug])
                and (p_min_quality is null or e.quality_score >= p_min_quality)
                and (p_since is null or e.source_date >= p_since)
                and (p_category is null or e.category = p_category)
                and (p_speaker is null or e.speaker = p_speaker)
                and (p_tag is null or e.tags @> array[p_tag])
            order by platform.head_distance(e.embedding, p_query_embedding)
            limit candidates
        ) as near
    ) as ranked
    -- NaN, the similarity of a vector of zeros, sorts above every number.
    where ranked.score > p_threshold and ranked.score <= 1
    order by ranked.score desc
    limit wanted;
end
$$;
comment on function public.cp_search_knowledge_entries(
    vector, text, uuid, uuid, uuid, double precision, integer, text, text, integer, date, text, text, text
) is 'Live entries that the caller may see, nearest first: more similar than the threshold, of one model';

-- What earlier clients call. Whoever names no model has vectors of the one they all used.

create function public.cp_match_knowledge_entries(
    query_embedding vector,
    p_user_id uuid,
    threshold double precision default 0.7,
    match_count integer default 10,
    p_embedding_model text default 'text-embedding-3-small'
) returns table (
    id uuid, user_id uuid, transcript_id uuid, category text, speaker text, content text, context text,
    tags text[], transcript_type text, similarity double precision
)
language sql stable
set search_path = ''
begin atomic
    select
        e.id, e.user_id, e.transcript_id, e.category, e.speaker, e.content, e.context, e.tags,
        e.transcript_type, found.similarity
    from public.cp_search_knowledge_entries(
        p_query_embedding => query_embedding, p_embedding_model => p_embedding_model,
        p_user_id => p_user_id, p_threshold => threshold, p_match_count => match_count
    ) as found
    join public.cp_knowledge_entries as e on e.id = found.entry_id
    order by found.similarity desc;
end;
comment on function public.cp_match_knowledge_entries(vector, uuid, double precision, integer, text) is
    'Entries of one account by meaning';

create function public.cp_match_knowledge_entries_v2(
    query_embedding text,
    p_user_id uuid,
    threshold double precision default 0.6,
    match_count integer default 20,
    p_knowledge_type text default null,
    p_topic_slug text default null,
    p_min_quality integer default null,
    p_since date default null,
    p_embedding_model text default 'text-embedding-3-small'
) returns table (
    id uuid, user_id uuid, transcript_id uuid, category text, speaker text, content text, context text,
    tags text[], transcript_type text, embedding vector, team_id uuid, source_profile_id uuid,
    speaker_company text, knowledge_type text, topics text[], quality_score integer, specificity boolean,
    actionability text, superseded_by uuid, source_date date, created_at timestamptz,
    updated_at timestamptz, similarity double precision
)
language sql stable
set search_path = ''
begin atomic
    select
        e.id, e.user_id, e.transcript_id, e.category, e.speaker, e.content, e.context, e.tags,
        e.transcript_type, e.embedding, e.team_id, e.source_profile_id, e.speaker_company,
        e.knowledge_type, e.topics, e.quality_score, e.specificity, e.actionability, e.superseded_by,
        e.source_date, e.created_at, e.updated_at, found.similarity
    from public.cp_search_knowledge_entries(
        p_query_embedding => query_embedding::vector, p_embedding_model => p_embedding_model,
        p_user_id => p_user_id, p_threshold => threshold, p_match_count => match_count,
        p_knowledge_type => p_knowledge_type, p_topic_slug => p_topic_slug,
        p_min_quality => p_min_quality, p_since => p_since
    ) as found
    join public.cp_knowledge_entries as e on e.id = found.entry_id
    order by found.similarity desc;
end;
comment on function public.cp_match_knowledge_entries_v2(
    text, uuid, double precision, integer, text, text, integer, date, text
) is 'Entries of one account by meaning, filtered';

create function public.cp_match_team_knowledge_entries(
    query_embedding text,
    p_team_id uuid,
    p_profile_id uuid default null,
    threshold double precision default 0.7,
    match_count integer default 10,
    p_embedding_model text default 'text-embedding-3-small',
    p_knowledge_type text default null,
    p_topic_slug text default null,
    p_min_quality integer default null,
    p_since date default null
) returns table (
    id uuid, user_id uuid, transcript_id uuid, category text, speaker text, content text, context text,
    tags text[], transcript_type text, team_id uuid, source_profile_id uuid, created_at timestamptz,
    updated_at timestamptz, similarity double precision, speaker_company text, knowledge_type text,
    topics text[], quality_score integer, specificity boolean, actionability text, source_date date
)
language sql stable
set search_path = ''
begin atomic
    with found as (
        select nearest.entry_id, nearest.similarity
        from public.cp_search_knowledge_entries(
            p_query_embedding => query_embedding::vector, p_embedding_model => p_embedding_model,
            p_team_id => p_team_id, p_threshold => threshold, p_match_count => match_count,
            p_knowledge_type => p_knowledge_type, p_topic_slug => p_topic_slug,
            p_min_quality => p_min_quality, p_since => p_since
        ) as nearest
        union
        -- Theirs count double, so also those that are not among the nearest.
        select own.entry_id, own.similarity
        from public.cp_search_knowledge_entries(
            p_query_embedding => query_embedding::vector, p_embedding_model => p_embedding_model,
            p_team_id => p_team_id, p_profile_id => p_profile_id, p_threshold => threshold,
            p_match_count => case when p_profile_id is null then 0 else match_count end,
            p_knowledge_type => p_knowledge_type, p_topic_slug => p_topic_slug,
            p_min_quality => p_min_quality, p_since => p_since
        ) as own
    )
    select
        e.id, e.user_id, e.transcript_id, e.category, e.speaker, e.content, e.context, e.tags,
        e.transcript_type, e.team_id, e.source_profile_id, e.created_at, e.updated_at,
        case
            when e.source_profile_id = p_profile_id then least(found.similarity * 2, 1)
            else found.similarity
        end as similarity,
        e.speaker_company, e.knowledge_type, e.topics, e.quality_score, e.specificity, e.actionability,
        e.source_date
    from found
    join public.cp_knowledge_entries as e on e.id = found.entry_id
    order by 14 desc, found.similarity desc
    limit match_count;
end;
comment on function public.cp_match_team_knowledge_entries(
    text, uuid, uuid, double precision, integer, text, text, text, integer, date
) is 'Entries of a team by meaning; those of one profile count double, up to 1';

create function public.cp_match_templates(
    query_embedding vector,
    match_user_id uuid,
    match_count integer default 3,
    min_similarity double precision default 0.3,
    p_embedding_model text default 'text-embedding-3-small'
) returns table (
    id uuid, name text, category text, description text, structure text, example_posts text[],
    use_cases text[], tags text[], usage_count integer, avg_engagement_score numeric, source text,
    similarity double precision
)
language plpgsql stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
set hnsw.iterative_scan = 'relaxed_order'
set hnsw.ef_search = '100'
as $$
declare
    wanted constant integer := least(greatest(match_count, 0), 1000);
    candidates constant integer := greatest(100, 5 * wanted);
begin
    return query
    select
        t.id, t.name, t.category, t.description, t.structure, t.example_posts, t.use_cases, t.tags,
        t.usage_count, t.avg_engagement_score, t.source, ranked.score
    from (
        select near.id, platform.cosine_similarity(near.embedding, query_embedding) as score
        from (
            select p.id, p.embedding
            from public.cp_post_templates as p
            where p.embedding is not null
                and p.embedding_model = p_embedding_model
                and p.is_active
                and (p.is_global or p.user_id = match_user_id)
            order by platform.head_distance(p.embedding, query_embedding)
            limit candidates
        ) as near
    ) as ranked
    join public.cp_post_templates as t on t.id = ranked.id
    where ranked.score >= min_similarity and ranked.score <= 1
    order by ranked.score desc
    limit wanted;
end
$$;
comment on function public.cp_match_templates(vector, uuid, integer, double precision, text) is
    'Active templates, one''s own and global ones, that suit a text';

create function public.cp_match_sop_embeddings(
    query_embedding text,
    threshold double precision default 0.6,
    match_count integer default 5,
    p_embedding_model text default 'text-embedding-3-small'
) returns table (file_path text, title text, module text, similarity double precision)
language sql stable
set search_path = ''
begin atomic
    select s.file_path, s.title, s.module, s.similarity
    from (
        select
            near.file_path, near.title, near.module,
            platform.cosine_similarity(near.embedding, query_embedding::vector) as similarity
        from (
            select p.file_path, p.title, p.module, p.embedding
            from public.cp_sop_embeddings as p
            where p.embedding is not null and p.embedding_model = p_embedding_model
            order by platform.head_distance(p.embedding, query_embedding::vector)
            limit 100
        ) as near
    ) as s
    where s.similarity >= threshold and s.similarity <= 1
    order by s.similarity desc
    limit match_count;
end;
comment on function public.cp_match_sop_embeddings(text, double precision, integer, text) is
    'Files of the playbook that an entry may belong in';

grant execute on function
    public.cp_search_knowledge_entries(
        vector, text, uuid, uuid, uuid, double precision, integer, text, text, integer, date, text, text,
        text),
    public.cp_match_knowledge_entries(vector, uuid, double precision, integer, text),
    public.cp_match_knowledge_entries_v2(
        text, uuid, double precision, integer, text, text, integer, date, text),
    public.cp_match_team_knowledge_entries(
        text, uuid, uuid, double precision, integer, text, text, text, integer, date),
    public.cp_match_templates(vector, uuid, integer, double precision, text)
to authenticated, service_role, svc_magnetlab;
grant execute on function public.cp_match_sop_embeddings(text, double precision, integer, text)
to service_role, svc_magnetlab;

-- Counters. All but the last run as the caller, whose policies decide about rows of others.

create function public.cp_update_topic_stats(p_user_id uuid, p_topic_slug text) returns void
language sql
set search_path = ''
begin atomic
    update public.cp_knowledge_topics as t
    set
        entry_count = counted.entry_count,
        avg_quality = counted.avg_quality,
        last_seen = coalesce(counted.last_seen, t.last_seen)
    from (
        select
            count(*)::integer as entry_count,
            avg(e.quality_score)::double precision as avg_quality,
            max(e.created_at) as last_seen
        from public.cp_knowledge_entries as e
        where e.user_id = p_user_id and e.superseded_by is null and e.topics @> array[p_topic_slug]
    ) as counted
    where t.user_id = p_user_id and t.slug = p_topic_slug;
end;
comment on function public.cp_update_topic_stats(uuid, text) is
    'Counts the live entries of a topic again; last_seen is when the newest of them came';

create function public.cp_increment_tag_count(
    p_user_id uuid, p_tag_name text, p_count integer default 1
) returns void
language sql
set search_path = ''
begin atomic
    insert into public.cp_knowledge_tags as t (user_id, tag_name, usage_count)
    values (p_user_id, p_tag_name, p_count)
    on conflict (user_id, tag_name) do update set usage_count = t.usage_count + excluded.usage_count;
end;
comment on function public.cp_increment_tag_count(uuid, text, integer) is
    'Adds to the count of a tag, which is made on first use';

create function public.cp_decrement_tag_count(
    p_user_id uuid, p_tag_name text, p_count integer default 1
) returns void
language plpgsql
set search_path = ''
as $$
begin
    update public.cp_knowledge_tags as t
    set usage_count = greatest(t.usage_count - p_count, 0)
    where t.user_id = p_user_id and t.tag_name = p_tag_name;

    delete from public.cp_knowledge_tags as t
    where t.user_id = p_user_id and t.tag_name = p_tag_name and t.usage_count = 0;
end
$$;
comment on function public.cp_decrement_tag_count(uuid, text, integer) is
    'Subtracts from the count of a tag, which goes with its last use';

create function public.cp_decrement_buffer_positions(
    p_user_id uuid, p_min_position integer, p_team_profile_id uuid default null
) returns void
language sql
set search_path = ''
begin atomic
    update public.cp_pipeline_posts as p
    set buffer_position = p.buffer_position - 1
    where p.user_id = p_user_id
        and p.team_profile_id is not distinct from p_team_profile_id
        and p.is_buffer
        and p.buffer_position > p_min_position;
end;
comment on function public.cp_decrement_buffer_positions(uuid, integer, uuid) is
    'Closes the gap that a post leaves in the reserve queue of an account, or of one of its profiles';

create function public.cp_increment_template_usage(template_id uuid) returns void
language sql security definer
set search_path = ''
begin atomic
    update public.cp_post_templates as t
    set usage_count = coalesce(t.usage_count, 0) + 1
    where t.id = template_id
        and (
            auth.role() = 'service_role'
            or t.user_id = auth.uid()
            or (t.is_global and auth.uid() is not null)
        );
end;
comment on function public.cp_increment_template_usage(uuid) is
    'Counts a post that was written with a template';

insert into access.definer_functions (function_name, reason) values
    (
        'public.cp_increment_template_usage',
        'Counts the use of a global template, which its users can''t change'
    );

grant execute on function
    public.cp_update_topic_stats(uuid, text),
    public.cp_increment_tag_count(uuid, text, integer),
    public.cp_decrement_tag_count(uuid, text, integer),
    public.cp_decrement_buffer_positions(uuid, integer, uuid),
    public.cp_increment_template_usage(uuid)
to authenticated, service_role, svc_magnetlab;
