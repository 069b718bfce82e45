-- The tables of prompts.

create table public.ai_prompt_templates (
    id uuid primary key default gen_random_uuid(),
    slug text not null,
    name text not null,
    category text not null,
    description text not null default '',
    system_prompt text not null default '',
    user_prompt text not null default '',
    model text not null default 'claude-sonnet-4-6',
    temperature double precision not null default 1.0,
    max_tokens integer not null default 4000,
    variables jsonb not null default '[]'::jsonb,
    is_active boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.ai_prompt_templates is 'Managed AI prompts';
call platform.maintain_updated_at('ai_prompt_templates');

create table public.ai_prompt_versions (
    id uuid primary key default gen_random_uuid(),
    prompt_id uuid not null references public.ai_prompt_templates (id) on delete restrict,
    version integer not null,
    system_prompt text not null default '',
    user_prompt text not null default '',
    model text not null default 'claude-sonnet-4-6',
    temperature double precision not null default 1.0,
    max_tokens integer not null default 4000,
    change_note text,
    changed_by text,
    created_at timestamptz not null default now()
);
comment on table public.ai_prompt_versions is 'Prompt version history';
create index on public.ai_prompt_versions (prompt_id);

-- Access.

call access.service_only('ai_prompt_templates');
call access.written_by('ai_prompt_templates', 'gtm_system', 'prompts', '{magnetlab}');

call access.through('ai_prompt_versions', 'prompt_id', 'ai_prompt_templates');
call access.written_by('ai_prompt_versions', 'gtm_system', 'prompts', '{magnetlab}');
