-- What it means that an account is deleted. Its row stays, without the person, because history names it:
-- leads, payments, messages and what was done in teams never vanish with somebody.

create function platform.references_to(target text)
returns table (table_name text, column_name text, on_delete "char", is_needed boolean)
language sql stable
set search_path = ''
as $$
    select c.relname::text, a.attname::text, k.confdeltype, a.attnotnull
    from pg_catalog.pg_constraint as k
    join pg_catalog.pg_class as c on c.oid = k.conrelid
    join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    where k.contype = 'f' and pg_catalog.cardinality(k.conkey) = 1
        and c.relnamespace = 'public'::pg_catalog.regnamespace
        and k.confrelid = pg_catalog.format('public.%I', target)::pg_catalog.regclass
    order by 1, 2
$$;
comment on function platform.references_to(text) is 'The columns that name rows of a table';

create function platform.remove_rows(target text, condition text, account uuid, teams uuid[])
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    one record;
    gone bigint := 0;
begin
    begin
        execute pg_catalog.format('delete from public.%I where %s', target, condition)
            using account, teams;
        get diagnostics gone = row_count;
        return gone;
    exception when foreign_key_violation or restrict_violation or sqlstate 'LS409' then
        gone := 0;
    end;
    -- Some are held by what stays: those stay too, and the others go.
    for one in execute pg_catalog.format('select ctid from public.%I where %s', target, condition)
        using account, teams
    loop
        begin
            execute pg_catalog.format('delete from public.%I where ctid = $1', target) using one.ctid;
            gone := gone + 1;
        exception when foreign_key_violation or restrict_violation or sqlstate 'LS409' then
            continue;
        end;
    end loop;
    return gone;
end
$$;
comment on function platform.remove_rows(text, text, uuid, uuid[]) is
    'Deletes the rows that no history holds, and counts them';

create function platform.count_by_reference(target text, row_ids uuid[], tables text[]) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
    held record;
    counted jsonb := '{}';
    found bigint;
begin
    for held in
        select r.* from platform.references_to(target) as r where r.table_name = any (tables)
    loop
        execute pg_catalog.format(
            'select pg_catalog.count(*) from public.%I where %I = any ($1)',
            held.table_name, held.column_name
        ) into found using row_ids;
        if found > 0 then
            counted := counted || pg_catalog.jsonb_build_object(held.table_name, found);
        end if;
    end loop;
    return counted;
end
$$;
comment on function platform.count_by_reference(text, uuid[], text[]) is
    'How many rows of some tables name given rows';

create function platform.empty_account(account uuid) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
    -- Money, messages, leads and what was done: of these nothing goes.
    history constant text[] := array[
        'account_deletions', 'account_exports', 'admin_audit_log', 'email_events', 'email_outbox',
        'email_sends', 'funnel_leads', 'subscriptions', 'team_activity_log', 'team_profiles', 'teams',
        'tenants', 'usage_tracking'];
    owned uuid[] := array(select t.id from public.teams as t where t.owner_id = account);
    business uuid := (select p.tenant_id from public.profiles as p where p.id = account);
    nobody constant text := 'deleted-' || account || '@deleted.invalid';
    held record;
    gone bigint;
    progress bigint;
    removed jsonb := '{}';
begin
    -- First the person: from here on nobody signs in, and every session is over.
    delete from public.former_usernames as f where f.user_id = account;
    update public.users as u
    set email = nobody, password_hash = null, name = null, avatar_url = null, username = null,
        default_vsl_url = null, default_logo_url = null, user_metadata = '{}', app_metadata = '{}',
        email_verified_at = null, is_super_admin = false, deleted_at = pg_catalog.now()
    where u.id = account;

    -- Pages go off the air, whether or not they can be deleted.
    update public.funnel_pages as f set is_published = false
    where f.user_id = account and f.is_published and (f.team_id is null or f.team_id = any (owned));

    -- What others made in these teams stays theirs.
    for held in
        select r.table_name, r.column_name, author.column_name as author
        from platform.references_to('teams') as r
        cross join lateral (
            select a.column_name from platform.references_to('users') as a
            where a.table_name = r.table_name and a.on_delete in ('r', 'a', 'c') limit 1
        ) as author
        where r.on_delete = 'n'
    loop
        execute pg_catalog.format(
            'update public.%1$I set %2$I = null where %2$I = any ($2) and %3$I <> $1',
            held.table_name, held.column_name, held.author
        ) using account, owned;
    end loop;

    -- What the account made goes, save what history holds. A row may hold another, so it takes turns.
    loop
        progress := 0;
        for held in
            select r.table_name, r.column_name,
                exists (
                    select from platform.references_to('teams') as t
                    where t.table_name = r.table_name and t.column_name = 'team_id'
                ) as is_of_team
            from platform.references_to('users') as r
            where r.on_delete in ('r', 'a', 'c') and not r.table_name = any (history)
        loop
            gone := platform.remove_rows(
                held.table_name,
                pg_catalog.format('%I = $1', held.column_name)
                    || case when held.is_of_team then ' and (team_id is null or team_id = any ($2))'
                        else ' and $2 is not null' end,
                account, owned);
            progress := progress + gone;
            if gone > 0 then
                removed := removed || pg_catalog.jsonb_build_object(
                    held.table_name, coalesce((removed ->> held.table_name)::bigint, 0) + gone);
            end if;
        end loop;
        exit when progress = 0;
    end loop;

    -- Where the person is only mentioned, they are mentioned no more.
    update public.team_profiles as p
    set user_id = null, email = null, full_name = 'Deleted account', title = null, linkedin_url = null,
        bio = null, avatar_url = null, expertise_areas = '[]', voice_profile = '{}', is_default = false,
        status = 'removed'
    where p.user_id = account;
    for held in
        select r.* from platform.references_to('users') as r
        where r.on_delete = 'n' and not r.is_needed and not r.table_name = any (history)
    loop
        execute pg_catalog.format(
            'update public.%1$I set %2$I = null where %2$I = $1', held.table_name, held.column_name
        ) using account;
    end loop;
    delete from public.profiles as p where p.id = account;
    update public.tenants as t set auth_user_id = null where t.auth_user_id = account;
    update public.tenants as t
    set name = 'Deleted account', business_name = 'Deleted account', email = nobody, is_active = false
    where t.id = business and not exists (select from public.profiles as p where p.tenant_id = t.id);

    -- Workspaces without a history go, the others lose their name.
    if platform.remove_rows('teams', 'owner_id = $1 and id = any ($2)', account, owned)
        < pg_catalog.cardinality(owned)
    then
        update public.teams as t
        set name = 'Deleted workspace', description = null, industry = null, target_audience = null,
            shared_goal = null, custom_site_name = null, custom_email_sender_name = null,
            custom_from_email = null, custom_favicon_url = null
        where t.owner_id = account;
    end if;
    delete from storage.objects as o
    where o.bucket_id = any (access.folder_bucket_ids())
        and (storage.foldername(o.name))[1] = any (account::text || owned::text[]);

    return pg_catalog.jsonb_build_object(
        'removed', removed,
        'kept', platform.count_by_reference('users', array[account], history || array[
            'funnel_pages', 'lead_magnets', 'libraries', 'external_resources', 'email_sequences']));
end
$$;
comment on function platform.empty_account(uuid) is
    'Takes a person out of their account for good; answers how many rows of which tables went and stayed';
grant execute on function
    platform.empty_account(uuid), platform.remove_rows(text, text, uuid, uuid[]),
    platform.references_to(text), platform.count_by_reference(text, uuid[], text[])
to service_role;
