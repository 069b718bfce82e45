-- A key that is bound to a team sees that team alone: neither what its person keeps outside of teams, nor the
-- names of their other teams. And a persona is its person's to write while they work in the team.

create function access.personal_id() returns uuid
language sql stable parallel safe
return case
    when nullif(auth.jwt() ->> 'bound_team_id', '') is null then auth.uid()
end;
comment on function access.personal_id() is
    'Whose personal rows are in reach: the acting user''s; nobody''s for a key that is bound to a team';
grant execute on function access.personal_id() to
    anon, authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create or replace procedure access.owner(
    target text,
    user_column text default 'user_id',
    team_column text default 'team_id',
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
declare
    mine text := pg_catalog.format('{row}.%I = (select access.personal_id())', user_column);
    ours text := pg_catalog.format(
        '{row}.%I = any ((select access.team_ids())::uuid[])', team_column);
    predicate text := mine;
    insert_check text := mine;
begin
    if access.has_column(target, team_column) then
        predicate := pg_catalog.format('(%s and {row}.%I is null) or %s', mine, team_column, ours);
        insert_check := pg_catalog.format(
            '{row}.%1$I = (select auth.uid()) and '
            '(({row}.%2$I is null and (select access.bound_team_id()) is null) or %3$s)',
            user_column, team_column, ours);
        execute pg_catalog.format(
            'create or replace trigger keep_owner before update of %1$I on public.%2$I for each row '
            'when (old.%1$I is distinct from new.%1$I) execute function access.refuse_new_owner(%1$L)',
            user_column, target);
    end if;
    call access.set_scope(target, 'owner', user_column, predicate, insert_check, 0, commands);
end
$$;

-- What was declared before is brought to the same form.
create temporary table narrowed (table_name text primary key) on commit drop;

with changed as (
    update access.scopes as s set
        predicate = replace(s.predicate, '(select auth.uid())', '(select access.personal_id())'),
        insert_check = case
            when s.pattern = 'owner' and s.insert_check like '% is null or %' then regexp_replace(
                s.insert_check, '\((\{row\}\.\w+) is null or ',
                '((\1 is null and (select access.bound_team_id()) is null) or ')
            else replace(s.insert_check, '(select auth.uid())', '(select access.personal_id())')
        end
    where s.pattern in ('owner', 'through') and s.predicate like '%(select auth.uid())%'
        and s.table_name not in ('users', 'teams')
    returning s.table_name
)
insert into narrowed select table_name from changed;

update access.scopes set
    predicate = '{row}.owner_id = (select auth.uid()) and ((select access.bound_team_id()) is null'
        ' or {row}.id = (select access.bound_team_id()))'
where table_name = 'teams';
update access.rules set predicate = '{row}.member_id = (select access.personal_id())'
where table_name = 'team_members' and pattern = 'self';
update access.rules set
    predicate = '{row}.user_id = (select auth.uid()) and ((select access.bound_team_id()) is null'
        ' or {row}.team_id = (select access.bound_team_id()))'
where table_name = 'team_profiles' and pattern = 'self' and command = 'select';
update access.rules set
    predicate = '{row}.user_id = (select auth.uid()) and {row}.team_id = any ((select access.team_ids())::uuid[])'
where table_name = 'team_profiles' and pattern = 'self' and command = 'update';
insert into narrowed values ('teams'), ('team_profiles') on conflict do nothing;

do $policies$
declare
    rule record;
begin
    for rule in
        select e.* from access.expected_policies as e join narrowed using (table_name)
    loop
        execute pg_catalog.format(
            'alter policy %I on public.%I%s%s', rule.role_name || '_' || rule.command, rule.table_name,
            case when rule.command <> 'insert' then pg_catalog.format(' using (%s)', pg_catalog.replace(
                rule.using_expression, '{row}', pg_catalog.quote_ident(rule.table_name))) end,
            case when rule.command in ('insert', 'update') then
                pg_catalog.format(' with check (%s)', pg_catalog.replace(
                    rule.check_expression, '{row}', pg_catalog.quote_ident(rule.table_name))) end);
    end loop;
end
$policies$;

-- Who acts without an account is refused by the table, and not by what counts before.
create or replace function access.take_invitation() returns integer
language sql volatile security definer
set search_path = ''
as $$
    select platform.take(
        pg_catalog.sha256(pg_catalog.convert_to(
            pg_catalog.concat('invitations ', auth.uid()), 'UTF8')),
        100, 86400)
$$;
