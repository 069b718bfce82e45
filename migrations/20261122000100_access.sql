-- Access is declared once per table by calls of these procedures; policies and grants are made from
-- the declarations and never written by hand. A table is declared in this order:
--
--   1. one scope:      access.owner, access.tenant, access.team, access.through or access.service_only
--   2. any additions:  access.members, access.self, access.student, access.client, access.public_read,
--                      access.public_through, access.secret, access.guard
--   3. access.written_by, which names the owner and puts the whole declaration in force.
--
-- Predicates are templates in which {row} stands for the row at hand. They call the helpers inside
-- (select ...), so that a helper runs once per statement and not once per row.

create table access.ownership (
    table_name text primary key,
    domain text not null,
    writer text not null
        check (writer in ('magnetlab', 'gtm_system', 'leadmagnet_backend', 'copy_of_gtm_os')),
    readers text[] not null default '{}'
        check (readers <@ array['magnetlab', 'gtm_system', 'leadmagnet_backend', 'copy_of_gtm_os'])
);
comment on table access.ownership is 'Which service writes each table, and which only read it';

create table access.scopes (
    table_name text primary key,
    pattern text not null
        check (pattern in ('owner', 'tenant', 'team', 'through', 'service')),
    detail text not null,
    predicate text not null,
    insert_check text not null,
    depth integer not null default 0,
    commands text[] not null
        check (commands <@ array['select', 'insert', 'update', 'delete'])
);
comment on table access.scopes is 'Whose row it is: the one pattern of each table, and what members may do';
comment on column access.scopes.commands is 'What role authenticated may do within the scope';

create table access.rules (
    table_name text not null,
    role_name text not null check (role_name in ('anon', 'authenticated')),
    command text not null check (command in ('select', 'insert', 'update', 'delete')),
    pattern text not null check (pattern in ('member', 'self', 'public', 'student', 'client')),
    predicate text not null,
    columns text[],
    reason text not null,
    primary key (table_name, role_name, command, pattern)
);
comment on table access.rules is 'What is granted beside the scope: public content, students, portal clients';

create table access.secret_columns (
    table_name text not null,
    column_name text not null,
    primary key (table_name, column_name)
);
comment on table access.secret_columns is 'Columns that nobody but the writer of the table reads or writes';

create table access.guarded_columns (
    table_name text not null,
    column_name text not null,
    primary key (table_name, column_name)
);
comment on table access.guarded_columns is 'Columns that people may read and only services write';

create table access.transitions (
    table_name text not null,
    column_name text not null,
    from_state text not null,
    to_state text not null,
    note text,
    primary key (table_name, column_name, from_state, to_state)
);
comment on table access.transitions is 'The allowed moves of every state machine; all others are refused';

create table access.definer_functions (
    function_name text primary key,
    reason text not null
);
comment on table access.definer_functions is
    'SECURITY DEFINER functions that anon or authenticated may call, each with its reason';

do $lock$
declare
    name text;
begin
    foreach name in array array[
        'ownership', 'scopes', 'rules', 'secret_columns', 'guarded_columns', 'transitions',
        'definer_functions'
    ]
    loop
        execute pg_catalog.format('alter table access.%I enable row level security', name);
        execute pg_catalog.format(
            'create policy service_role_all on access.%I for all to service_role '
            'using (true) with check (true)',
            name
        );
        execute pg_catalog.format('grant select on access.%I to service_role', name);
    end loop;
end
$lock$;

create function access.has_column(target text, name text) returns boolean
language sql stable
set search_path = ''
as $$
    select exists (
        select from pg_catalog.pg_attribute as a
        where a.attrelid = pg_catalog.format('public.%I', target)::pg_catalog.regclass
            and a.attname = name and a.attnum > 0 and not a.attisdropped
    )
$$;

create procedure access.set_scope(
    target text, pattern text, detail text, predicate text, insert_check text,
    depth integer, commands text[]
)
language sql
set search_path = ''
begin atomic
    insert into access.scopes (table_name, pattern, detail, predicate, insert_check, depth, commands)
    values (target, pattern, detail, predicate, insert_check, depth, commands)
    on conflict (table_name) do update set
        pattern = excluded.pattern, detail = excluded.detail, predicate = excluded.predicate,
        insert_check = excluded.insert_check, depth = excluded.depth, commands = excluded.commands;
end;

-- A row of a person, or of the team named in it: with a team it belongs to the team's people, so that
-- leaving the team ends access and what was written stays.
create procedure access.owner(
    target text,
    user_column text default 'user_id',
    team_column text default 'team_id',
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    mine text := pg_catalog.format('{row}.%I = (select auth.uid())', user_column);
    ours text := pg_catalog.format(
        '{row}.%I = any ((select access.team_ids())::uuid[])', team_column);
    predicate text := mine;
    insert_check text := mine;
begin
    if access.has_column(target, team_column) then
        predicate := pg_catalog.format('(%s and {row}.%I is null) or %s', mine, team_column, ours);
        insert_check := pg_catalog.format('%s and ({row}.%I is null or %s)', mine, team_column, ours);
        execute pg_catalog.format(
            'create or replace trigger keep_owner before update of %1$I on public.%2$I for each row '
            'when (old.%1$I is distinct from new.%1$I) execute function access.refuse_new_owner(%1$L)',
            user_column, target);
    end if;
    call access.set_scope(target, 'owner', user_column, predicate, insert_check, 0, commands);
end
$$;
comment on procedure access.owner(text, text, text, text[]) is
    'The row belongs to a person, or to the people of the team it names';

create function access.refuse_new_owner() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if current_user in ('anon', 'authenticated') then
        raise exception 'The owner of a row stays: % can''t be changed.', tg_argv[0]
            using errcode = '42501', column = tg_argv[0], table = tg_table_name;
    end if;
    return new;
end
$$;

create procedure access.tenant(
    target text,
    tenant_column text default 'tenant_id',
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    predicate text := pg_catalog.format(
        '{row}.%I = (select public.auth_tenant_id())', tenant_column);
begin
    call access.set_scope(target, 'tenant', tenant_column, predicate, predicate, 0, commands);
end
$$;
comment on procedure access.tenant(text, text, text[]) is 'The row belongs to the people of a tenant';

-- owners_only: the team's owner alone, for domains, billing and the like.
create procedure access.team(
    target text,
    team_column text default 'team_id',
    owners_only boolean default false,
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    helper text := case when owners_only then 'owned_team_ids' else 'team_ids' end;
    predicate text := pg_catalog.format(
        '{row}.%I = any ((select access.%I())::uuid[])', team_column, helper);
begin
    call access.set_scope(
        target, 'team', team_column || case when owners_only then ', its owner alone' else '' end,
        predicate, predicate, 0, commands);
end
$$;
comment on procedure access.team(text, text, boolean, text[]) is
    'The row belongs to the people of a team, or to its owner alone';

-- The child inherits the parent's scope and nothing of its public rules: who may read a published
-- page may not write its sections.
create procedure access.through(
    target text,
    foreign_key text,
    parent text,
    parent_key text default 'id',
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    scope access.scopes;
    alias text;
    predicate text;
begin
    select s.* into scope from access.scopes as s where s.table_name = parent;
    if not found then
        raise exception 'access.through: declare the scope of % before that of %', parent, target;
    end if;
    alias := 'p' || (scope.depth + 1);
    predicate := pg_catalog.format(
        'exists (select from public.%1$I as %2$s where %2$s.%3$I = {row}.%4$I and (%5$s))',
        parent, alias, parent_key, foreign_key,
        pg_catalog.replace(scope.predicate, '{row}', alias)
    );
    call access.set_scope(
        target, 'through', foreign_key || ' → ' || parent, predicate, predicate,
        scope.depth + 1, commands);
end
$$;
comment on procedure access.through(text, text, text, text, text[]) is
    'The row belongs to whoever its parent belongs to';

create procedure access.service_only(target text)
language plpgsql
set search_path = ''
as $$
begin
    call access.set_scope(target, 'service', '', 'true', 'true', 0, '{}');
end
$$;
comment on procedure access.service_only(text) is
    'Nobody but the writer and the service key: rows that belong to the installation';

create procedure access.add_rules(
    target text, roles text[], commands text[], pattern text, predicate text,
    columns text[], reason text
)
language sql
set search_path = ''
begin atomic
    insert into access.rules (table_name, role_name, command, pattern, predicate, columns, reason)
    select target, r.role_name, c.command, pattern, predicate, columns, reason
    from pg_catalog.unnest(roles) as r (role_name)
    cross join pg_catalog.unnest(commands) as c (command)
    on conflict (table_name, role_name, command, pattern) do update set
        predicate = excluded.predicate, columns = excluded.columns, reason = excluded.reason;
end;

-- Team members beside a narrower scope, for instance a team that only its owner changes.
create procedure access.members(
    target text,
    team_column text default 'team_id',
    commands text[] default array['select']
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'member',
        pg_catalog.format('{row}.%I = any ((select access.team_ids())::uuid[])', team_column),
        null, 'The people of the team');
end
$$;
comment on procedure access.members(text, text, text[]) is 'Adds the people of the team';

create procedure access.self(
    target text,
    user_column text default 'user_id',
    commands text[] default array['select']
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'self',
        pg_catalog.format('{row}.%I = (select auth.uid())', user_column),
        null, 'The person whom the row is about');
end
$$;
comment on procedure access.self(text, text, text[]) is 'Adds the person whom the row is about';

create procedure access.student(
    target text,
    student_column text default 'student_id',
    commands text[] default array['select']
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'student',
        pg_catalog.format('{row}.%I = (select access.student_id())', student_column),
        null, 'A student sees what is theirs');
end
$$;
comment on procedure access.student(text, text, text[]) is 'Adds the student whom the row names';

-- A predicate over the student's enrolment, for what a cohort shares.
create procedure access.student_where(target text, condition text, reason text)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], array['select'], 'student', condition, null, reason);
end
$$;
comment on procedure access.student_where(text, text, text) is
    'Adds students for whom a condition over {row} holds';

create procedure access.client(
    target text,
    engagement_column text default 'engagement_id',
    commands text[] default array['select'],
    condition text default 'true'
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'client',
        pg_catalog.format(
            '{row}.%I = (select access.engagement_id()) and (%s)', engagement_column, condition),
        null, 'A client sees their own engagement');
end
$$;
comment on procedure access.client(text, text, text[], text) is
    'Adds the portal client of the engagement that the row names';

-- Visitors by default. Signed-in strangers only where every column is public: column grants are per
-- role, and the role authenticated reads whole rows of its own.
create procedure access.public_read(
    target text,
    condition text,
    columns text[] default null,
    roles text[] default array['anon'],
    reason text default 'Published for everybody'
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, roles, array['select'], 'public', condition, columns, reason);
end
$$;
comment on procedure access.public_read(text, text, text[], text[], text) is
    'Adds everybody, for rows that are published';

create procedure access.public_through(
    target text,
    foreign_key text,
    parent text,
    condition text default 'true',
    columns text[] default null,
    roles text[] default array['anon'],
    parent_key text default 'id'
)
language plpgsql
set search_path = ''
as $$
declare
    published text;
begin
    select r.predicate into published
    from access.rules as r
    where r.table_name = parent and r.pattern = 'public' and r.command = 'select'
        and r.role_name = roles[1];
    if not found then
        raise exception 'access.public_through: % has no public rule for %', parent, roles[1];
    end if;
    call access.add_rules(
        target, roles, array['select'], 'public',
        pg_catalog.format(
            '(%1$s) and exists (select from public.%2$I as shown where shown.%3$I = {row}.%4$I and (%5$s))',
            condition, parent, parent_key, foreign_key,
            pg_catalog.replace(published, '{row}', 'shown')),
        columns, pg_catalog.format('Published with its row in %s', parent));
end
$$;
comment on procedure access.public_through(text, text, text, text, text[], text[], text) is
    'Adds everybody, for rows whose parent is published';

create procedure access.secret(target text, columns text[])
language sql
set search_path = ''
begin atomic
    insert into access.secret_columns (table_name, column_name)
    select target, c.name from pg_catalog.unnest(columns) as c (name)
    on conflict do nothing;
end;
comment on procedure access.secret(text, text[]) is
    'Hashes, tokens, keys, passwords: granted to nobody but the writer';

create procedure access.guard(target text, columns text[])
language sql
set search_path = ''
begin atomic
    insert into access.guarded_columns (table_name, column_name)
    select target, c.name from pg_catalog.unnest(columns) as c (name)
    on conflict do nothing;
end;
comment on procedure access.guard(text, text[]) is 'Columns that people read and only services write';

create procedure access.written_by(
    target text,
    writer text,
    domain text,
    readers text[] default '{}'
)
language plpgsql
set search_path = ''
as $$
begin
    insert into access.ownership (table_name, domain, writer, readers)
    values (target, domain, writer, readers)
    on conflict (table_name) do update set
        domain = excluded.domain, writer = excluded.writer, readers = excluded.readers;
    call access.apply(target);
end
$$;
comment on procedure access.written_by(text, text, text, text[]) is
    'Names the writer and the readers, and puts the table''s declaration in force';

-- Every (role, command) of a table with its predicates joined: what the policies are made of, and what
-- the identity matrix of the tests expects.
create view access.expected_policies with (security_invoker = true) as
with grants as (
    select
        s.table_name, 'authenticated' as role_name, c.command,
        s.predicate, case when c.command = 'insert' then s.insert_check else s.predicate end as checked
    from access.scopes as s
    cross join pg_catalog.unnest(s.commands) as c (command)
    union all
    select r.table_name, r.role_name, r.command, r.predicate, r.predicate
    from access.rules as r
    union all
    select
        -- A service writes in the name of people who may have left the team since: the row has to be in
        -- its scope, not by its own hand.
        o.table_name, 'svc_' || o.writer, c.command, s.predicate, s.predicate
    from access.ownership as o
    join access.scopes as s using (table_name)
    cross join pg_catalog.unnest(array['select', 'insert', 'update', 'delete']) as c (command)
    union all
    select o.table_name, 'svc_' || r.name, 'select', s.predicate, s.predicate
    from access.ownership as o
    join access.scopes as s using (table_name)
    cross join pg_catalog.unnest(o.readers) as r (name)
    where r.name <> o.writer
    union all
    -- A service that acts for a member sees what the member sees.
    select r.table_name, 'svc_' || s.name, 'select', r.predicate, r.predicate
    from access.rules as r
    join access.ownership as o using (table_name)
    cross join pg_catalog.unnest(o.readers || o.writer) as s (name)
    where r.pattern in ('member', 'self') and r.command = 'select'
)
select
    g.table_name, g.role_name, g.command,
    pg_catalog.string_agg('(' || g.predicate || ')', ' or ' order by g.predicate) as using_expression,
    pg_catalog.string_agg('(' || g.checked || ')', ' or ' order by g.predicate) as check_expression
from grants as g
group by g.table_name, g.role_name, g.command;
comment on view access.expected_policies is 'The policy that each role and command of each table has';
grant select on access.expected_policies to service_role;

-- The columns that a role may touch: all but secrets for readers, all but secrets and guarded ones for
-- people who write; a public rule may narrow what visitors read.
create function access.granted_columns(target text, role_name text, command text) returns text[]
language sql stable
set search_path = ''
as $$
    select pg_catalog.array_agg(a.attname::text order by a.attnum)
    from pg_catalog.pg_attribute as a
    where a.attrelid = pg_catalog.format('public.%I', target)::pg_catalog.regclass
        and a.attnum > 0 and not a.attisdropped
        and (
            role_name = (select 'svc_' || o.writer from access.ownership as o where o.table_name = target)
            or (
                not exists (
                    select from access.secret_columns as s
                    where s.table_name = target and s.column_name = a.attname)
                and (
                    command = 'select'
                    or not exists (
                        select from access.guarded_columns as g
                        where g.table_name = target and g.column_name = a.attname))
                and (
                    role_name <> 'anon'
                    or not exists (
                        select from access.rules as r
                        where r.table_name = target and r.role_name = 'anon'
                            and r.columns is not null and not (a.attname = any (r.columns))))
            )
        )
$$;

-- Empty when every column is granted: the grant is then on the table, and holds for later columns too.
create function access.column_list(target text, role_name text, command text) returns text
language sql stable
set search_path = ''
as $$
    select case
        when command = 'delete' then ''
        when pg_catalog.cardinality(granted.columns) = (
            select pg_catalog.count(*)
            from pg_catalog.pg_attribute as a
            where a.attrelid = pg_catalog.format('public.%I', target)::pg_catalog.regclass
                and a.attnum > 0 and not a.attisdropped
        ) then ''
        else (
            select '(' || pg_catalog.string_agg(pg_catalog.quote_ident(c.name), ', ') || ')'
            from pg_catalog.unnest(granted.columns) as c (name)
        )
    end
    from (select access.granted_columns(target, role_name, command) as columns) as granted
$$;

create procedure access.apply(target text)
language plpgsql
set search_path = ''
as $$
declare
    held record;
    rule record;
    writing text;
begin
    execute pg_catalog.format('alter table public.%I enable row level security', target);
    for held in
        select p.polname from pg_catalog.pg_policy as p
        where p.polrelid = pg_catalog.format('public.%I', target)::pg_catalog.regclass
    loop
        execute pg_catalog.format('drop policy %I on public.%I', held.polname, target);
    end loop;
    execute pg_catalog.format(
        'revoke all on public.%I from public, anon, authenticated, service_role, svc_magnetlab, '
        'svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os', target);
    execute pg_catalog.format('grant all on public.%I to service_role', target);
    execute pg_catalog.format(
        'create policy service_role_all on public.%I for all to service_role using (true) with check (true)',
        target);
    for rule in
        select e.* from access.expected_policies as e where e.table_name = target
        order by e.role_name, e.command
    loop
        writing := pg_catalog.format(
            'create policy %I on public.%I for %s to %I',
            rule.role_name || '_' || rule.command, target, rule.command, rule.role_name);
        if rule.command <> 'insert' then
            writing := writing || pg_catalog.format(
                ' using (%s)',
                pg_catalog.replace(rule.using_expression, '{row}', pg_catalog.quote_ident(target)));
        end if;
        if rule.command in ('insert', 'update') then
            writing := writing || pg_catalog.format(
                ' with check (%s)',
                pg_catalog.replace(rule.check_expression, '{row}', pg_catalog.quote_ident(target)));
        end if;
        execute writing;
        execute pg_catalog.format(
            'grant %s %s on public.%I to %I',
            rule.command, access.column_list(target, rule.role_name, rule.command),
            target, rule.role_name);
    end loop;
end
$$;
comment on procedure access.apply(text) is
    'Makes policies and grants of a table from its declaration; call it again after adding columns';

create function access.refuse_illegal_move() returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
    source text := pg_catalog.to_jsonb(old) ->> tg_argv[0];
    goal text := pg_catalog.to_jsonb(new) ->> tg_argv[0];
begin
    if not exists (
        select from access.transitions as t
        where t.table_name = tg_table_name and t.column_name = tg_argv[0]
            and t.from_state = source and t.to_state = goal
    ) then
        raise exception '% can''t go from % to %.', tg_table_name || '.' || tg_argv[0], source, goal
            using errcode = 'LS409', table = tg_table_name, column = tg_argv[0],
                hint = coalesce(
                    'Allowed from here: ' || (
                        select pg_catalog.string_agg(t.to_state, ', ' order by t.to_state)
                        from access.transitions as t
                        where t.table_name = tg_table_name and t.column_name = tg_argv[0]
                            and t.from_state = source
                    ), 'Nothing follows this state.');
    end if;
    return new;
end
$$;

create function access.allowed_moves(target text, state_column text, state text) returns setof text
language sql stable security definer
set search_path = ''
as $$
    select t.to_state from access.transitions as t
    where t.table_name = target and t.column_name = state_column and t.from_state = state
    order by t.to_state
$$;
comment on function access.allowed_moves(text, text, text) is 'The states that may follow a state';
grant execute on function access.allowed_moves(text, text, text) to
    authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
insert into access.definer_functions (function_name, reason) values
    ('access.allowed_moves', 'Reads the table of moves, which the documentation shows anyway');

-- moves: {"draft": ["published", "archived"], ...}
create procedure access.state_machine(target text, state_column text, moves jsonb)
language plpgsql
set search_path = ''
as $$
begin
    insert into access.transitions (table_name, column_name, from_state, to_state)
    select target, state_column, m.key, t.value
    from pg_catalog.jsonb_each(moves) as m
    cross join pg_catalog.jsonb_array_elements_text(m.value) as t (value);
    execute pg_catalog.format(
        'create trigger %I before update of %I on public.%I for each row '
        'when (old.%2$I is distinct from new.%2$I) execute function access.refuse_illegal_move(%2$L)',
        'refuse_illegal_' || state_column, state_column, target);
end
$$;
comment on procedure access.state_machine(text, text, jsonb) is
    'Refuses every move of a state column that is not listed';

create function access.student_id() returns uuid
language sql stable parallel safe
set search_path = ''
as $$ select nullif(auth.jwt() ->> 'student_id', '')::pg_catalog.uuid $$;
comment on function access.student_id() is 'The student who acts, from the claims';

create function access.engagement_id() returns uuid
language sql stable parallel safe
set search_path = ''
as $$ select nullif(auth.jwt() ->> 'engagement_id', '')::pg_catalog.uuid $$;
comment on function access.engagement_id() is 'The engagement whose client acts, from the claims';

grant execute on function access.student_id(), access.engagement_id() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;
