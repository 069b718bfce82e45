-- The way in without the phone: ten codes, each good once, made when a second factor is set up.

create table public.user_recovery_codes (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    code_hash text not null check (code_hash ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null default now(),
    used_at timestamptz,
    unique (user_id, code_hash)
);
comment on table public.user_recovery_codes is
    'Codes that stand in for a second factor, each once; all are replaced together';
comment on column public.user_recovery_codes.code_hash is 'SHA-256 of the account''s id and the code';
call access.service_only('user_recovery_codes');
call access.secret('user_recovery_codes', '{code_hash}');
call access.written_by('user_recovery_codes', 'magnetlab', 'identity');
