-- An account takes its data with it, and leaves.

create table public.account_exports (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    state text not null default 'queued' check (state in ('queued', 'ready', 'failed', 'removed')),
    job_id bigint,
    tables_count integer check (tables_count >= 0),
    rows_count bigint check (rows_count >= 0),
    size_bytes bigint check (size_bytes >= 0),
    token_hash text unique,
    token_expires_at timestamptz,
    downloaded_at timestamptz,
    created_at timestamptz not null default now(),
    ready_at timestamptz,
    expires_at timestamptz,
    updated_at timestamptz not null default now()
);
comment on table public.account_exports is 'Copies of everything that an account owns, one file each';
comment on column public.account_exports.job_id is 'The job that writes the file, whose progress a page shows';
comment on column public.account_exports.token_hash is 'SHA-256 of the download link''s token; it opens once';
comment on column public.account_exports.expires_at is 'When the file is removed';
create index on public.account_exports (user_id, created_at desc);
create unique index account_exports_queued_key on public.account_exports (user_id) where state = 'queued';
call platform.maintain_updated_at('account_exports');
call access.state_machine('account_exports', 'state', '{
    "queued": ["ready", "failed"],
    "ready": ["removed"],
    "failed": []
}');
call access.owner('account_exports', commands => '{select}');
call access.secret('account_exports', '{token_hash}');
call access.written_by('account_exports', 'magnetlab', 'identity');

create table public.account_deletions (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete restrict,
    state text not null default 'scheduled' check (state in ('scheduled', 'blocked', 'cancelled', 'done')),
    export_id uuid references public.account_exports (id) on delete restrict,
    blockers jsonb not null default '[]'::jsonb check (jsonb_typeof(blockers) = 'array'),
    requested_at timestamptz not null default now(),
    due_at timestamptz not null,
    ended_at timestamptz,
    kept jsonb not null default '{}'::jsonb check (jsonb_typeof(kept) = 'object'),
    updated_at timestamptz not null default now()
);
comment on table public.account_deletions is 'Accounts whose people asked to leave, and what became of it';
comment on column public.account_deletions.blockers is 'What kept the account when it was due, in sentences';
comment on column public.account_deletions.kept is 'Rows by table that stay without the person, since they are history';
create index on public.account_deletions (user_id);
create index on public.account_deletions (export_id);
create index on public.account_deletions (due_at) where state = 'scheduled';
create unique index account_deletions_open_key on public.account_deletions (user_id)
where state in ('scheduled', 'blocked');
call platform.maintain_updated_at('account_deletions');
call access.state_machine('account_deletions', 'state', '{
    "scheduled": ["blocked", "cancelled", "done"],
    "blocked": ["scheduled", "cancelled", "done"]
}');
call access.owner('account_deletions', commands => '{select}');
call access.written_by('account_deletions', 'magnetlab', 'identity');
