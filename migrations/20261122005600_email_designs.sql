create table public.email_designs (
    id uuid primary key default gen_random_uuid(),
    tenant_id uuid not null default access.default_tenant_id()
        references public.tenants (id) on delete restrict,
    team_id uuid not null default access.personal_team_id()
        references public.teams (id) on delete cascade,
    created_by uuid default auth.uid() references public.users (id) on delete set null,
    name text not null check (char_length(name) between 1 and 200),
    blocks jsonb not null default '[]'::jsonb
        check (jsonb_typeof(blocks) = 'array' and jsonb_array_length(blocks) <= 100),
    look jsonb not null default '{}'::jsonb check (jsonb_typeof(look) = 'object'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on table public.email_designs is 'How mails of a team look: blocks around the place for a mail''s own words';
comment on column public.email_designs.blocks is '[{kind, …}] from top to bottom; the kinds are in designs/models.py';
comment on column public.email_designs.look is '{colour, text_colour, ground, surface, font, logo_url, …}; what is missing comes from the brand kit';
create index on public.email_designs (team_id, updated_at desc);
create index on public.email_designs (tenant_id);
create index on public.email_designs (created_by);
call platform.maintain_updated_at('email_designs');

alter table public.email_flow_steps
    add column design_id uuid references public.email_designs (id) on delete set null;
comment on column public.email_flow_steps.design_id is 'How the mail looks; null for plain text in the brand''s colours';
create index on public.email_flow_steps (design_id);

call access.team('email_designs');
call access.guard('email_designs', '{tenant_id, created_by}');
call access.written_by('email_designs', 'gtm_system', 'email');
call access.apply('email_flow_steps');
