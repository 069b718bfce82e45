-- The registry of every instruction that is sent to a language model, and its history.

create function access.is_super_admin() returns boolean
language sql stable security definer
set search_path = ''
as $$
    select exists (select from public.users as u where u.id = auth.uid() and u.is_super_admin)
$$;
comment on function access.is_super_admin() is 'The acting user is an administrator of the installation';

insert into access.definer_functions (function_name, reason) values
    ('access.is_super_admin', 'Answers about the caller alone; users is itself under its rule');

grant execute on function access.is_super_admin() to
    authenticated, service_role,
    svc_magnetlab, svc_gtm_system, svc_leadmagnet_backend, svc_copy_of_gtm_os;

create procedure access.administrators(
    target text,
    commands text[] default array['select', 'insert', 'update', 'delete']
)
language plpgsql
set search_path = ''
as $$
begin
    call access.add_rules(
        target, array['authenticated'], commands, 'member', '(select access.is_super_admin())', null,
        'Administrators of the installation');
end
$$;
comment on procedure access.administrators(text, text[]) is 'Adds the administrators of the installation';

create table public.ai_prompt_templates (
    id uuid primary key default gen_random_uuid(),
    slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    name text not null,
    category text not null,
    description text not null default '',
    system_prompt text not null default '',
    user_prompt text not null default '',
    model text not null default 'claude-sonnet-4-6',
    temperature double precision not null default 1.0 check (temperature between 0 and 2),
    max_tokens integer not null default 4000 check (max_tokens between 0 and 64000),
    variables jsonb not null default '[]'::jsonb check (jsonb_typeof(variables) = 'array'),
    is_active boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.ai_prompt_templates is
    'One instruction to a language model as it stands, known to the code by its slug';
comment on column public.ai_prompt_templates.category is
    'content_writing, email, knowledge, learning or scoring; any other is listed under Other';
comment on column public.ai_prompt_templates.user_prompt is
    'With {{variables}}; JSON or plain text where the prompt is configuration';
comment on column public.ai_prompt_templates.max_tokens is '0 for configuration, which is never sent';
comment on column public.ai_prompt_templates.variables is '[{"name", "description", "example"}]';
comment on column public.ai_prompt_templates.is_active is 'Otherwise the text shipped with the code is used';
call platform.maintain_updated_at('ai_prompt_templates');

create table public.ai_prompt_versions (
    id uuid primary key default gen_random_uuid(),
    prompt_id uuid not null references public.ai_prompt_templates (id) on delete cascade,
    version integer not null check (version > 0),
    system_prompt text not null default '',
    user_prompt text not null default '',
    model text not null default 'claude-sonnet-4-6',
    temperature double precision not null default 1.0 check (temperature between 0 and 2),
    max_tokens integer not null default 4000 check (max_tokens between 0 and 64000),
    change_note text check (char_length(change_note) <= 500),
    changed_by text,
    created_at timestamptz not null default now(),
    variables jsonb not null default '[]'::jsonb check (jsonb_typeof(variables) = 'array'),
    unique (prompt_id, version)
);
comment on table public.ai_prompt_versions is 'A prompt as it was after each save; such a row never changes';
comment on column public.ai_prompt_versions.changed_by is
    'E-mail address or id of the administrator; system for what was shipped';

create function platform.keep_prompt_slug() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'The slug of a prompt stays: the code calls it by that name.'
        using errcode = 'LS409', table = tg_table_name, column = 'slug';
end
$$;

create trigger keep_slug before update of slug on public.ai_prompt_templates for each row
when (old.slug is distinct from new.slug) execute function platform.keep_prompt_slug();

create function platform.refuse_new_history() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'History stays: a row of % is never changed.', tg_table_name
        using errcode = 'LS409', table = tg_table_name;
end
$$;

create trigger keep_history before update on public.ai_prompt_versions for each row
when (old.* is distinct from new.*) execute function platform.refuse_new_history();

create function platform.announce_prompt() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    perform pg_catalog.pg_notify('ai_prompt_changed', coalesce(new.slug, old.slug));
    return null;
end
$$;
comment on function platform.announce_prompt() is
    'Tells every process on channel ai_prompt_changed to forget the prompt with this slug';

create trigger announce after insert or update or delete on public.ai_prompt_templates for each row
execute function platform.announce_prompt();

-- Access. The registry belongs to the installation: every service calls models by it.

call access.service_only('ai_prompt_templates');
call access.administrators('ai_prompt_templates');
call access.written_by(
    'ai_prompt_templates', 'gtm_system', 'prompts', '{magnetlab, leadmagnet_backend, copy_of_gtm_os}');

call access.service_only('ai_prompt_versions');
call access.administrators('ai_prompt_versions', '{select, insert}');
call access.written_by(
    'ai_prompt_versions', 'gtm_system', 'prompts', '{magnetlab, leadmagnet_backend, copy_of_gtm_os}');
