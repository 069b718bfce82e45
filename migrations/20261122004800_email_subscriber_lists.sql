-- The list of a team: what people said about being on it, how it takes new ones, and files of them. Somebody
-- who left comes back by their own act alone, whoever writes.

alter table public.email_subscribers
drop constraint email_subscribers_status_check,
add constraint email_subscribers_status_check check (
    status in ('pending', 'active', 'unsubscribed', 'bounced', 'complained')),
add column muted_kinds text[] not null default '{}' check (
    muted_kinds <@ array['broadcast', 'digest', 'flow', 'sequence', 'review']);
comment on column public.email_subscribers.status is
    'Only active receives marketing mail; pending has yet to confirm the address';
comment on column public.email_subscribers.muted_kinds is
    'Kinds of mail that the person does not want, while they stay on the list';
insert into access.transitions (table_name, column_name, from_state, to_state) values
    ('email_subscribers', 'status', 'pending', 'active'),
    ('email_subscribers', 'status', 'pending', 'unsubscribed'),
    ('email_subscribers', 'status', 'pending', 'bounced'),
    ('email_subscribers', 'status', 'pending', 'complained');

create table public.email_list_settings (
    team_id uuid primary key references public.teams (id) on delete cascade,
    double_opt_in boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.email_list_settings is 'How the list of a team takes new people; without a row, at once';
comment on column public.email_list_settings.double_opt_in is
    'Whether somebody who opts in confirms the address by a mail first';
call platform.maintain_updated_at('email_list_settings');

create table public.email_consents (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    team_id uuid not null references public.teams (id) on delete restrict,
    subscriber_id uuid not null references public.email_subscribers (id) on delete cascade,
    act text not null check (act in ('opted_in', 'confirmed', 'resubscribed', 'added', 'chose')),
    given_at timestamptz not null default now(),
    source_id uuid,
    user_id uuid references public.users (id) on delete set null,
    details jsonb not null default '{}'::jsonb check (jsonb_typeof(details) = 'object'),
    created_at timestamptz not null default now(),
    unique (subscriber_id, act, given_at)
);
comment on table public.email_consents is 'What people said about being on a list, or who vouched for them';
comment on column public.email_consents.act is
    'opted_in, confirmed, resubscribed and chose are the person''s own; added is somebody''s of the team';
comment on column public.email_consents.given_at is
    'When the person acted, which may be before it was written down';
comment on column public.email_consents.source_id is 'The lead magnet of an opt-in';
comment on column public.email_consents.details is 'What was chosen';
create index on public.email_consents (tenant_id);
create index on public.email_consents (team_id);
create index on public.email_consents (user_id);

create table public.email_imports (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null references public.tenants (id) on delete restrict,
    team_id uuid not null references public.teams (id) on delete restrict,
    user_id uuid references public.users (id) on delete set null,
    file_name text not null check (char_length(file_name) between 1 and 255),
    content bytea,
    encoding text not null,
    delimiter text not null check (delimiter in (',', ';', E'\t', '|')),
    columns text[] not null,
    mapping jsonb not null default '{}'::jsonb check (jsonb_typeof(mapping) = 'object'),
    state text not null default 'uploaded' check (state in (
        'uploaded', 'checking', 'checked', 'importing', 'done', 'failed', 'cancelled')),
    job_id bigint,
    agreed_at timestamptz,
    total_count integer not null default 0 check (total_count >= 0),
    new_count integer not null default 0 check (new_count >= 0),
    known_count integer not null default 0 check (known_count >= 0),
    refused_count integer not null default 0 check (refused_count >= 0),
    imported_count integer not null default 0 check (imported_count >= 0),
    updated_count integer not null default 0 check (updated_count >= 0),
    error_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    constraint email_imports_agreed check (state not in ('importing', 'done') or agreed_at is not null)
);
comment on table public.email_imports is 'Files of people for the list of a team, tried before they are taken';
comment on column public.email_imports.content is 'The file as it came; removed when the import is over';
comment on column public.email_imports.mapping is 'Which column, from 0, holds which field';
comment on column public.email_imports.agreed_at is
    'When whoever imports said that these people agreed to receive mail';
comment on column public.email_imports.job_id is 'The job that reads the file, whose progress a page shows';
comment on column public.email_imports.known_count is 'Rows whose address is on the list already';
create index on public.email_imports (team_id, created_at desc);
create index on public.email_imports (tenant_id);
create index on public.email_imports (user_id);
call platform.maintain_updated_at('email_imports');
call access.state_machine('email_imports', 'state', '{
    "uploaded": ["checking", "cancelled"],
    "checking": ["checked", "failed", "cancelled"],
    "checked": ["checking", "importing", "cancelled"],
    "importing": ["done", "failed"],
    "failed": ["checking", "cancelled"],
    "done": [],
    "cancelled": []
}');

create table public.email_import_refusals (
    import_id uuid not null references public.email_imports (id) on delete cascade,
    team_id uuid not null references public.teams (id) on delete restrict,
    row_number integer not null check (row_number > 0),
    email text,
    reason text not null check (reason in (
        'empty', 'invalid', 'too_long', 'duplicate', 'unsubscribed', 'bounced', 'complained', 'suppressed')),
    cells text[] not null,
    primary key (import_id, row_number)
);
comment on table public.email_import_refusals is 'The rows of a file that are not taken, each with its reason';
comment on column public.email_import_refusals.row_number is 'As a spreadsheet counts; the header is row 1';
comment on column public.email_import_refusals.cells is 'The row as it came';
create index on public.email_import_refusals (team_id);

-- COPY does not go through row-level security, which holds for all but the owner: so the jobs, which are
-- service_role, own this table. What is staged lives for one transaction.
create unlogged table platform.email_import_rows (
    import_id uuid not null,
    row_number integer not null,
    email text,
    first_name text,
    last_name text,
    company text,
    reason text,
    cells text[] not null,
    primary key (import_id, row_number)
);
comment on table platform.email_import_rows is 'Rows of a file that is being read, before they are judged and merged';
alter table platform.email_import_rows enable row level security;
grant create on schema platform to service_role;
alter table platform.email_import_rows owner to service_role;
revoke create on schema platform from service_role;

create function platform.refuse_reactivation() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if auth.role() is not null and not exists (
        select from public.email_consents as c
        where c.subscriber_id = new.id
            and c.given_at > coalesce(old.unsubscribed_at, '-infinity')
            and (
                c.act in ('confirmed', 'resubscribed')
                or (c.act = 'opted_in' and not exists (
                    select from public.email_list_settings as l
                    where l.team_id = new.team_id and l.double_opt_in)))
    ) then
        raise exception 'Only the person can subscribe this address again.'
            using errcode = 'LS409', table = 'email_subscribers', column = 'status';
    end if;
    return new;
end
$$;
comment on function platform.refuse_reactivation() is
    'Row trigger: a subscription begins again by the person''s own act after its end, kept in email_consents';
create trigger refuse_reactivation before update of status on public.email_subscribers
for each row when (old.status in ('pending', 'unsubscribed') and new.status = 'active')
execute function platform.refuse_reactivation();

create function platform.take_suppression() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    found_reason text;
    found_at timestamptz;
begin
    if auth.role() is null then
        return new;
    end if;
    select b.reason, b.created_at into found_reason, found_at
    from (
        select s.reason, s.created_at from public.suppressions as s
        where s.tenant_id = new.tenant_id and s.channel = 'email'
            and s.identity_hash = platform.identity_hash(new.email)
            and (s.team_id is null or s.team_id = new.team_id or s.reason = 'complained')
        union all
        select 'complained', pg_catalog.now() from public.email_subscribers as o
        where o.tenant_id = new.tenant_id and o.email = new.email and o.status = 'complained'
    ) as b
    order by pg_catalog.array_position(
        array['complained', 'bounced', 'unsubscribed', 'erased'], b.reason), b.created_at desc
    limit 1;
    if found_reason in ('complained', 'bounced') then
        new.status := found_reason;
    elsif found_reason is not null then
        new.status := 'unsubscribed';
        new.unsubscribed_at := found_at;
    end if;
    return new;
end
$$;
comment on function platform.take_suppression() is
    'Row trigger: an address on the suppression list comes onto the list as what it was';
create trigger take_suppression before insert on public.email_subscribers
for each row when (new.status in ('pending', 'active')) execute function platform.take_suppression();

create or replace function platform.email_refusal(recipient text, kind text, team_id uuid, tenant_id uuid)
returns text
language sql stable
set search_path = ''
begin atomic
    with barred as (
        select
            case when s.status = 'active' and email_refusal.kind = any (s.muted_kinds) then 'muted' else s.status end
                as reason
        from public.email_subscribers as s
        where s.tenant_id = email_refusal.tenant_id and s.email = recipient
            and (s.team_id = email_refusal.team_id or s.status = 'complained')
        union all
        select b.reason from public.suppressions as b
        where b.tenant_id = email_refusal.tenant_id and b.channel = 'email'
            and b.identity_hash = platform.identity_hash(recipient)
            and (b.team_id is null or b.team_id = email_refusal.team_id or b.reason = 'complained')
    )
    select case
        when 'complained' = any (found.reasons) then 'complained'
        when 'bounced' = any (found.reasons) then 'bounced'
        when email_refusal.kind in ('resource', 'transactional', 'test') then null
        when 'unsubscribed' = any (found.reasons) then 'unsubscribed'
        when 'erased' = any (found.reasons) then 'erased'
        when 'muted' = any (found.reasons) then 'not wanted'
        when 'active' = any (found.reasons) then null
        else 'not subscribed'
    end
    from (select array(select barred.reason from barred) as reasons) as found;
end;

call access.guard('email_subscribers', '{muted_kinds}');
call access.apply('email_subscribers');

call access.team('email_list_settings', commands => '{select}');
call access.written_by('email_list_settings', 'gtm_system', 'email');

call access.team('email_consents', commands => '{select}');
call access.written_by('email_consents', 'gtm_system', 'email');

call access.team('email_imports', commands => '{select}');
call access.secret('email_imports', '{content}');
call access.written_by('email_imports', 'gtm_system', 'email');

call access.team('email_import_refusals', commands => '{select}');
call access.written_by('email_import_refusals', 'gtm_system', 'email');
