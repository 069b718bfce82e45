-- Keys with which our other services call this one: each may do named things, is rotated, and no request
-- of theirs counts twice.

create table public.service_keys (
    id uuid primary key default gen_random_uuid(),
    service_id text not null check (service_id ~ '^[a-z][a-z0-9_-]{1,62}$'),
    secret_sealed text not null,
    secret_hash text not null unique,
    secret_end text not null,
    allowed_actions text[] not null check (cardinality(allowed_actions) > 0),
    allows_bearer boolean not null default false,
    created_by uuid references public.users (id) on delete set null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
comment on table public.service_keys is 'Keys with which other services sign their calls';
comment on column public.service_keys.service_id is 'What the service calls itself in x-gtm-service-id';
comment on column public.service_keys.secret_sealed is 'The secret, encrypted: a signature is checked with it';
comment on column public.service_keys.secret_hash is 'SHA-256 of the secret, for the plain bearer form';
comment on column public.service_keys.secret_end is 'The last four characters of the secret, for display';
comment on column public.service_keys.allowed_actions is 'What calls with this key may do, such as accounts.create';
comment on column public.service_keys.allows_bearer is
    'Whether the secret itself may be sent instead of a signature; a call can then be replayed';
comment on column public.service_keys.expires_at is 'After a rotation the earlier key works until then';
create index on public.service_keys (service_id);
create index on public.service_keys (created_by);
call access.service_only('service_keys');
call access.secret('service_keys', '{secret_sealed, secret_hash}');
call access.written_by('service_keys', 'magnetlab', 'identity');

create table public.service_nonces (
    signature_hash text primary key,
    service_key_id uuid not null references public.service_keys (id) on delete cascade,
    expires_at timestamptz not null
);
comment on table public.service_nonces is 'Signatures that were used, kept as long as they could be sent again';
create index on public.service_nonces (service_key_id);
create index on public.service_nonces (expires_at);
call access.service_only('service_nonces');
call access.secret('service_nonces', '{signature_hash}');
call access.written_by('service_nonces', 'magnetlab', 'identity');
