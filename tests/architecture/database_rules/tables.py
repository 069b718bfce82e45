"""Keys, indexes, checks, triggers and descriptions of tables."""

from tests.architecture.database_rules.rule import OURS, TABLE, Rule

PRIMARY_KEYS = Rule(
    claim="every table has a primary key",
    query=f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace::regnamespace::text in {OURS} and c.relkind in ('r', 'p')
            and not exists (
                select from pg_constraint as k where k.conrelid = c.oid and k.contype = 'p')
    """,
    broken="create table public.samples (id uuid unique not null)",
    offender="samples",
    sound=TABLE,
)

INDEXED_KEYS = Rule(
    claim="every foreign key has an index",
    query=f"""
        select format('%s.%s', k.conrelid::regclass, k.conname)
        from pg_constraint as k
        where k.contype = 'f' and k.connamespace::regnamespace::text in {OURS}
            and not exists (
                select from pg_index as i
                where i.indrelid = k.conrelid and i.indisvalid
                    and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey
                    and (
                        i.indpred is null
                        or pg_get_expr(i.indpred, i.indrelid) = (
                            select format('(%s IS NOT NULL)', quote_ident(a.attname))
                            from pg_attribute as a
                            where a.attrelid = k.conrelid and a.attnum = k.conkey[1])
                    )
            )
    """,
    broken="""
        create table public.samples (id uuid primary key, user_id uuid references public.users)
    """,
    offender="samples.samples_user_id_fkey",
    sound="""
        create table public.samples (id uuid primary key, user_id uuid references public.users);
        create index on public.samples (user_id) where user_id is not null
    """,
)

KEY_TYPES = Rule(
    claim="a foreign key has the type of what it names",
    query=f"""
        select format('%s.%s', k.conrelid::regclass, k.conname)
        from pg_constraint as k
        cross join unnest(k.conkey, k.confkey) as pair (near, far)
        join pg_attribute as n on n.attrelid = k.conrelid and n.attnum = pair.near
        join pg_attribute as f on f.attrelid = k.confrelid and f.attnum = pair.far
        where k.contype = 'f' and k.connamespace::regnamespace::text in {OURS}
            and (n.atttypid, n.atttypmod) <> (f.atttypid, f.atttypmod)
    """,
    broken="""
        create table public.samples (id bigint primary key);
        create table public.parts (id uuid primary key, sample_id integer references public.samples)
    """,
    offender="parts.parts_sample_id_fkey",
    sound="""
        create table public.samples (id bigint primary key);
        create table public.parts (id uuid primary key, sample_id bigint references public.samples)
    """,
)

DUPLICATE_INDEXES = Rule(
    claim="no index says what another says already",
    query=f"""
        with keys as (
            select
                i.indexrelid, i.indrelid, i.indisunique, i.indnkeyatts, am.amname,
                i.indnkeyatts < i.indnatts as has_payload,
                coalesce(pg_get_expr(i.indpred, i.indrelid), '') as predicate,
                array(
                    select concat_ws(
                        ' ', pg_get_indexdef(i.indexrelid, n, true),
                        i.indclass[n - 1], i.indcollation[n - 1],
                        case when i.indnkeyatts > 1 then i.indoption[n - 1] end)
                    from generate_series(1, i.indnkeyatts) as n
                ) as columns,
                array(
                    select concat_ws(
                        ' ', pg_get_indexdef(i.indexrelid, n, true),
                        i.indclass[n - 1], i.indcollation[n - 1])
                    from generate_series(1, i.indnkeyatts) as n
                ) as unordered
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid
            join pg_am as am on am.oid = c.relam
            where c.relnamespace::regnamespace::text in {OURS}
        )
        select redundant.indexrelid::regclass::text
        from keys as redundant
        join keys as better on better.indrelid = redundant.indrelid
            and better.indexrelid <> redundant.indexrelid
            and better.amname = redundant.amname and better.predicate = redundant.predicate
            and not redundant.has_payload
        where (
            -- The same columns: of two the later one is named, a plain one before a unique one.
            better.unordered = redundant.unordered
            and (better.columns = redundant.columns or redundant.indnkeyatts = 1)
            and (better.indisunique::integer, -better.indexrelid::bigint)
                > (redundant.indisunique::integer, -redundant.indexrelid::bigint)
        ) or (
            -- The first columns of a longer one serve as well.
            not redundant.indisunique and redundant.amname = 'btree'
            and better.indnkeyatts > redundant.indnkeyatts
            and (
                better.columns[:redundant.indnkeyatts] = redundant.columns
                or redundant.indnkeyatts = 1 and better.unordered[1] = redundant.unordered[1]
            )
        )
    """,
    broken="create index sample_idx on public.profiles (tenant_id) include (email)"
    "; create index samples_idx on public.api_keys (user_id)",
    offender="samples_idx",
    sound="create index samples_idx on public.api_keys (user_id, created_at) where is_active",
)

VALID = Rule(
    claim="every constraint and index is valid",
    query=f"""
        select format('%s.%s', k.conrelid::regclass, k.conname) from pg_constraint as k
        where not k.convalidated and k.connamespace::regnamespace::text in {OURS}
        union all
        select i.indexrelid::regclass::text from pg_index as i where not i.indisvalid
    """,
    broken="alter table public.users add constraint users_name_check check (name <> '') not valid",
    offender="users.users_name_check",
    sound="alter table public.users add constraint users_name_check check (name <> '')",
)

NAIVE_TIMES = Rule(
    claim="every time has its zone",
    query=f"""
        select format('%s.%s', a.attrelid::regclass, a.attname)
        from pg_attribute as a
        join pg_class as c on c.oid = a.attrelid
        where c.relnamespace::regnamespace::text in {OURS} and c.relkind in ('r', 'p', 'v', 'm')
            and a.attnum > 0 and not a.attisdropped
            and a.atttypid in ('timestamp'::regtype, 'timestamp[]'::regtype, 'timetz'::regtype)
    """,
    broken="create table public.samples (id uuid primary key, made_at timestamp)",
    offender="samples.made_at",
    sound="create table public.samples (id uuid primary key, made_at timestamptz, sent_on date)",
)

COMMENTS = Rule(
    claim="every table and view is described in a sentence",
    query=f"""
        select c.oid::regclass::text
        from pg_class as c
        where c.relnamespace::regnamespace::text in {OURS} and c.relkind in ('r', 'p', 'v', 'm')
            and (
                coalesce(btrim(obj_description(c.oid, 'pg_class')), '') !~ '\\w \\w'
                or obj_description(c.oid, 'pg_class') ~ 'DESCRIBE|TODO|\\n'
            )
    """,
    broken=f"{TABLE}; comment on table public.samples is 'DESCRIBE the samples'",
    offender="samples",
    sound=f"{TABLE}; comment on table public.samples is 'A few of each kind'",
)

STATE_COLUMNS = Rule(
    claim="a text column that names a state has its states checked, or says what it holds",
    query="""
        select format('%s.%s', c.relname, a.attname)
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.atttypid = 'text'::regtype
            and a.attname ~ '(^|_)(status|state|stage|kind|type|mode|role|plan|priority|severity)$'
            and col_description(c.oid, a.attnum) is null
            and not exists (
                select from pg_constraint as k
                where k.conrelid = c.oid and k.contype in ('c', 'f') and a.attnum = any (k.conkey))
    """,
    broken="create table public.samples (id uuid primary key, status text)",
    offender="samples.status",
    sound="""
        create table public.samples (
            id uuid primary key, status text check (status in ('new', 'old')))
    """,
)

UPDATED_AT = Rule(
    claim="a trigger keeps updated_at",
    query="""
        select c.relname::text
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attname = 'updated_at'
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and not exists (
                select from pg_trigger as t
                where t.tgrelid = c.oid and t.tgfoid = 'platform.set_updated_at'::regproc
                    and t.tgenabled <> 'D')
    """,
    broken="create table public.samples (id uuid primary key, updated_at timestamptz)",
    offender="samples",
    sound="""
        create table public.samples (id uuid primary key, updated_at timestamptz);
        call platform.maintain_updated_at('samples')
    """,
)

STATE_MACHINES = Rule(
    claim="every state machine has its trigger, and moves between states that exist",
    query="""
        select distinct format('%s.%s', t.table_name, t.column_name)
        from access.transitions as t
        join pg_attribute as a
            on a.attrelid = format('public.%I', t.table_name)::regclass
                and a.attname = t.column_name
        where not exists (
                select from pg_trigger as g
                where g.tgrelid = a.attrelid and g.tgfoid = 'access.refuse_illegal_move'::regproc
                    and g.tgattr::int2[] @> array[a.attnum])
            or exists (
                select from (values (t.from_state), (t.to_state)) as s (state)
                where case
                    when exists (select from pg_enum as e where e.enumtypid = a.atttypid)
                    then not exists (
                        select from pg_enum as e
                        where e.enumtypid = a.atttypid and e.enumlabel = s.state)
                    else not exists (
                        select from pg_constraint as k
                        where k.conrelid = a.attrelid and k.contype = 'c'
                            and k.conkey = array[a.attnum]
                            and position(
                                quote_literal(s.state) in pg_get_constraintdef(k.oid)) > 0)
                end
            )
    """,
    broken="""
        insert into access.transitions (table_name, column_name, from_state, to_state)
        values ('team_members', 'status', 'pending', 'lost')
    """,
    offender="team_members.status",
    sound="""
        insert into access.transitions (table_name, column_name, from_state, to_state)
        values ('team_members', 'status', 'active', 'pending')
    """,
)

RULES = (
    PRIMARY_KEYS,
    INDEXED_KEYS,
    KEY_TYPES,
    DUPLICATE_INDEXES,
    VALID,
    NAIVE_TIMES,
    COMMENTS,
    STATE_COLUMNS,
    UPDATED_AT,
    STATE_MACHINES,
)
