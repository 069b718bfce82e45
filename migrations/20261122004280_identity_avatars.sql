-- Pictures of people, small enough to lie beside their account.

create table public.user_avatars (
    user_id uuid primary key references public.users (id) on delete cascade,
    content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/webp', 'image/gif')),
    body bytea not null check (octet_length(body) between 1 and 524288),
    version text not null check (version ~ '^[0-9a-f]{16}$'),
    updated_at timestamptz not null default now()
);
comment on table public.user_avatars is 'The picture that an account uploaded, which everybody may see by its address';
comment on column public.user_avatars.content_type is 'What the bytes are, by looking at them';
comment on column public.user_avatars.version is 'The start of the SHA-256 of the bytes, which is part of the address';
call platform.maintain_updated_at('user_avatars');
call access.service_only('user_avatars');
call access.written_by('user_avatars', 'magnetlab', 'identity');
