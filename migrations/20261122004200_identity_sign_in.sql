-- What signing in needs beside a password: one-time links and codes, refresh tokens, flows that end in
-- another request, accounts of outside providers, and second factors.

alter table public.users
    add column user_metadata jsonb not null default '{}'::jsonb
        constraint users_user_metadata_object check (jsonb_typeof(user_metadata) = 'object'),
    add column app_metadata jsonb not null default '{"provider": "email", "providers": ["email"]}'::jsonb
        constraint users_app_metadata_object check (jsonb_typeof(app_metadata) = 'object'),
    add column must_confirm_email boolean not null default false,
    add column invited_at timestamptz,
    add column last_sign_in_at timestamptz,
    add column banned_until timestamptz,
    add column deleted_at timestamptz;
comment on column public.users.user_metadata is
    'What the person or their client wrote about them: shown, and never asked by a rule of access';
comment on column public.users.app_metadata is
    'What the installation says about the account, such as its providers; only services write it';
comment on column public.users.must_confirm_email is
    'The account signed up by itself: it signs in with a password only after its address is confirmed';
comment on column public.users.email_verified_at is
    'When somebody proved to read mail at the address; invitations to it count from then on';
comment on column public.users.deleted_at is 'When the account was emptied and closed; its row stays for what it wrote';
call access.guard(
    'users',
    '{app_metadata, must_confirm_email, invited_at, last_sign_in_at, banned_until, deleted_at}');
call access.apply('users');

alter table public.user_sessions
    alter column token_hash drop not null,
    add column aal text not null default 'aal1' check (aal in ('aal1', 'aal2')),
    add column amr jsonb not null default '[]'::jsonb check (jsonb_typeof(amr) = 'array');
comment on table public.user_sessions is
    'Somebody signed in: a browser whose cookie holds the token, or a client with refresh tokens';
comment on column public.user_sessions.token_hash is
    'SHA-256 of the cookie''s token; null for a client, which has refresh tokens instead';
comment on column public.user_sessions.aal is 'aal2 once a second factor was given in this session';
comment on column public.user_sessions.amr is
    'How the person proved who they are: [{method, timestamp in Unix seconds}], the latest first';
call access.apply('user_sessions');

create table public.user_refresh_tokens (
    id uuid primary key default gen_random_uuid(),
    session_id uuid not null references public.user_sessions (id) on delete cascade,
    parent_id uuid references public.user_refresh_tokens (id) on delete set null,
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null default now(),
    replaced_at timestamptz
);
comment on table public.user_refresh_tokens is
    'The tokens with which a client renews its session, each for one use: a second use ends the session';
comment on column public.user_refresh_tokens.token_hash is 'SHA-256 of the token, in hexadecimal';
comment on column public.user_refresh_tokens.parent_id is 'The token that this one was given for';
comment on column public.user_refresh_tokens.replaced_at is
    'When it was used; for ten seconds more it still works, for a client that asked twice at once';
create index on public.user_refresh_tokens (session_id);
create index on public.user_refresh_tokens (parent_id);

create table public.user_one_time_tokens (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    kind text not null check (kind in (
        'signup', 'recovery', 'magiclink', 'invite', 'email_change', 'reauthentication')),
    email text not null check (email = lower(btrim(email)) and email <> ''),
    token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
    code_hash text not null check (code_hash ~ '^[0-9a-f]{64}$'),
    code_tries integer not null default 0 check (code_tries >= 0),
    password_hash text,
    code_challenge text,
    code_challenge_method text check (code_challenge_method in ('s256', 'plain')),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint user_one_time_tokens_whole_challenge check (
        (code_challenge is null) = (code_challenge_method is null))
);
comment on table public.user_one_time_tokens is
    'Links and codes that were mailed to prove an address: each works once, and the newest of a kind alone';
comment on column public.user_one_time_tokens.email is
    'The address it was mailed to; for email_change the new one';
comment on column public.user_one_time_tokens.token_hash is 'SHA-256 of the link''s token, in hexadecimal';
comment on column public.user_one_time_tokens.code_hash is
    'A keyed hash of the six digits, with the account and the kind';
comment on column public.user_one_time_tokens.password_hash is
    'The password chosen at sign-up: it becomes the account''s when this very token is used';
comment on column public.user_one_time_tokens.code_challenge is
    'Of the client that asked (PKCE): it alone can turn the link into a session';
create index on public.user_one_time_tokens (user_id, kind, created_at desc);
create index on public.user_one_time_tokens (expires_at);

create table public.user_auth_flows (
    id uuid primary key default gen_random_uuid(),
    user_id uuid references public.users (id) on delete cascade,
    session_id uuid references public.user_sessions (id) on delete cascade,
    purpose text not null check (purpose in ('client', 'console', 'link')),
    method text not null,
    provider text check (provider in ('google')),
    state_hash text unique check (state_hash ~ '^[0-9a-f]{64}$'),
    auth_code_hash text unique check (auth_code_hash ~ '^[0-9a-f]{64}$'),
    code_challenge text,
    code_challenge_method text check (code_challenge_method in ('s256', 'plain')),
    provider_secrets text,
    redirect_to text not null default '',
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint user_auth_flows_whole_challenge check (
        (code_challenge is null) = (code_challenge_method is null))
);
comment on table public.user_auth_flows is
    'Signing in that takes two requests: the way to a provider and back, or a code for a client to redeem';
comment on column public.user_auth_flows.purpose is
    'client ends in tokens, console in a cookie, link adds the provider to the account that asked';
comment on column public.user_auth_flows.method is 'How the person proves who they are, for the session''s amr';
comment on column public.user_auth_flows.state_hash is 'SHA-256 of the state that the provider hands back';
comment on column public.user_auth_flows.auth_code_hash is 'SHA-256 of the code that the client redeems, once';
comment on column public.user_auth_flows.provider_secrets is
    'Encrypted: the nonce and verifier of the way to the provider, then the provider''s tokens';
create index on public.user_auth_flows (user_id);
create index on public.user_auth_flows (session_id);
create index on public.user_auth_flows (expires_at);

create table public.user_identities (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    provider text not null check (provider in ('google')),
    provider_id text not null,
    email text not null,
    identity_data jsonb not null default '{}'::jsonb check (jsonb_typeof(identity_data) = 'object'),
    last_sign_in_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (provider, provider_id)
);
comment on table public.user_identities is 'An account elsewhere with which a person signs in here';
comment on column public.user_identities.provider_id is 'Who the provider says it is: the sub of its ID token';
create index on public.user_identities (user_id);
call platform.maintain_updated_at('user_identities');

create table public.user_mfa_factors (
    id uuid primary key default gen_random_uuid(),
    user_id uuid not null references public.users (id) on delete cascade,
    friendly_name text not null default '' check (char_length(friendly_name) <= 100),
    factor_type text not null default 'totp' check (factor_type in ('totp')),
    status text not null default 'unverified' check (status in ('unverified', 'verified')),
    secret text not null,
    last_step bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.user_mfa_factors is 'A second factor: an app that shows a new code every half minute';
comment on column public.user_mfa_factors.secret is 'Encrypted';
comment on column public.user_mfa_factors.last_step is
    'The half minute of the last code that was taken: no code works twice';
create index on public.user_mfa_factors (user_id);
create unique index user_mfa_factors_name_key on public.user_mfa_factors (user_id, friendly_name)
where friendly_name <> '';
call platform.maintain_updated_at('user_mfa_factors');
call access.state_machine('user_mfa_factors', 'status', '{"unverified": ["verified"]}');

create table public.user_mfa_challenges (
    id uuid primary key default gen_random_uuid(),
    factor_id uuid not null references public.user_mfa_factors (id) on delete cascade,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    verified_at timestamptz
);
comment on table public.user_mfa_challenges is 'A question for a code of a second factor, good for five minutes';
create index on public.user_mfa_challenges (factor_id);
create index on public.user_mfa_challenges (expires_at);

call access.service_only('user_refresh_tokens');
call access.secret('user_refresh_tokens', '{token_hash}');
call access.written_by('user_refresh_tokens', 'magnetlab', 'identity');

call access.service_only('user_one_time_tokens');
call access.secret('user_one_time_tokens', '{token_hash, code_hash, password_hash, code_challenge}');
call access.written_by('user_one_time_tokens', 'magnetlab', 'identity');

call access.service_only('user_auth_flows');
call access.secret(
    'user_auth_flows', '{state_hash, auth_code_hash, code_challenge, provider_secrets}');
call access.written_by('user_auth_flows', 'magnetlab', 'identity');

call access.service_only('user_identities');
call access.written_by('user_identities', 'magnetlab', 'identity');

call access.service_only('user_mfa_factors');
call access.secret('user_mfa_factors', '{secret}');
call access.written_by('user_mfa_factors', 'magnetlab', 'identity');

call access.service_only('user_mfa_challenges');
call access.written_by('user_mfa_challenges', 'magnetlab', 'identity');
