-- Rules about references. A foreign key only says that the other row exists: these say that whoever
-- writes the reference may see that row, and that nobody signs with another's name.

-- For a child of either of two parents, of which each row names exactly one.
create procedure access.through_either(
    target text,
    foreign_key text,
    parent text,
    other_foreign_key text,
    other_parent text,
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    first access.scopes;
    second access.scopes;
begin
    call access.through(target, foreign_key, parent, commands => commands);
    select s.* into strict first from access.scopes as s where s.table_name = target;
    call access.through(target, other_foreign_key, other_parent, commands => commands);
    select s.* into strict second from access.scopes as s where s.table_name = target;
    call access.set_scope(
        target, 'through', first.detail || ' or ' || second.detail,
        pg_catalog.format('(%s) or (%s)', first.predicate, second.predicate),
        pg_catalog.format('(%s) or (%s)', first.insert_check, second.insert_check),
        greatest(first.depth, second.depth), commands);
end
$$;
comment on procedure access.through_either(text, text, text, text, text, text[]) is
    'The row belongs to whoever the one parent that it names belongs to';

-- Beside a scope that asks for the parent alone: the column names the person who writes, and stays.
create procedure access.authored(target text, user_column text default 'user_id')
language plpgsql
set search_path = ''
as $$
begin
    update access.scopes as s
    set detail = s.detail || ', signed ' || user_column,
        insert_check = pg_catalog.format(
            '(%s) and {row}.%I = (select auth.uid())', s.insert_check, user_column)
    where s.table_name = target;
    if not found then
        raise exception 'access.authored: declare the scope of % first', target;
    end if;
    execute pg_catalog.format(
        'create or replace trigger keep_owner before update of %1$I on public.%2$I for each row '
        'when (old.%1$I is distinct from new.%1$I) execute function access.refuse_new_owner(%1$L)',
        user_column, target);
end
$$;
comment on procedure access.authored(text, text) is
    'People write such rows in their own name; services may write in the name of others';

-- Runs as whoever writes, so the policies of the other table answer. The refusal is that of a missing
-- row: what is invisible is not told from what isn't there.
create function access.refuse_unseen_reference() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    reference uuid := (pg_catalog.to_jsonb(new) ->> tg_argv[0])::uuid;
    is_seen boolean;
begin
    if reference is null then
        return new;
    end if;
    execute pg_catalog.format('select exists (select from public.%I where id = $1)', tg_argv[1])
        into is_seen using reference;
    if not is_seen then
        raise exception '% names a row that is not there.', tg_argv[0]
            using errcode = '23503', table = tg_table_name, column = tg_argv[0];
    end if;
    return new;
end
$$;

create procedure access.references_seen(target text, foreign_key text, parent text)
language plpgsql
set search_path = ''
as $$
begin
    execute pg_catalog.format(
        'create trigger %I before insert or update of %I on public.%I for each row '
        'execute function access.refuse_unseen_reference(%L, %L)',
        'seen_' || foreign_key, foreign_key, target, foreign_key, parent);
end
$$;
comment on procedure access.references_seen(text, text, text) is
    'The column may only name a row that whoever writes it may see: publishing shows it to others';
