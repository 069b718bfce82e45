-- How people come into a team: by a link that was mailed to them and opens once, or by an address that has
-- been proved. A name typed at sign-up proves nothing.

create table public.team_invitations (
    id uuid primary key default gen_random_uuid(),
    team_profile_id uuid references public.team_profiles (id) on delete cascade,
    team_member_id uuid references public.team_members (id) on delete cascade,
    email text not null check (email = lower(btrim(email))),
    token_hash text not null unique,
    invited_by uuid references public.users (id) on delete set null,
    expires_at timestamptz not null,
    used_at timestamptz,
    withdrawn_at timestamptz,
    created_at timestamptz not null default now(),
    constraint team_invitations_one_goal check (num_nonnulls(team_profile_id, team_member_id) = 1)
);
comment on table public.team_invitations is 'Links that were mailed to invite people, each good for one use';
comment on column public.team_invitations.team_profile_id is 'The place in a team that the link gives';
comment on column public.team_invitations.team_member_id is 'Or the read-only catalogue that it opens';
comment on column public.team_invitations.token_hash is 'SHA-256 of the random part of the link';
comment on column public.team_invitations.withdrawn_at is 'Also when a newer link replaced it';
create index on public.team_invitations (team_profile_id);
create index on public.team_invitations (team_member_id);
create index on public.team_invitations (invited_by);
call access.service_only('team_invitations');
call access.secret('team_invitations', '{token_hash}');
call access.written_by('team_invitations', 'magnetlab', 'identity');

alter table public.team_profiles add column confirmed_at timestamptz;
comment on column public.team_profiles.confirmed_at is
    'When the person entered the team of their own accord; before that no device opens it by itself';
call access.guard('team_profiles', '{confirmed_at, invited_at}');
call access.apply('team_profiles');

create index team_profiles_pending_email on public.team_profiles (email) where status = 'pending';
create index team_members_pending_email on public.team_members (email) where status = 'pending';

-- An address that is proved takes what waits for it, in the transaction that proves it.
create function access.claim_invitations() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    update public.team_profiles as p
    set user_id = new.id, status = 'active', accepted_at = pg_catalog.now()
    where p.email = new.email and p.status = 'pending' and p.user_id is null
        and not exists (
            select from public.team_profiles as own
            where own.team_id = p.team_id and own.user_id = new.id and own.status = 'active');
    update public.team_members as m
    set member_id = new.id, status = 'active', accepted_at = pg_catalog.now()
    where m.email = new.email and m.status = 'pending' and m.member_id is null and m.owner_id <> new.id;
    return null;
end
$$;
comment on function access.claim_invitations() is
    'Row trigger: whoever has proved an address is in the teams that invited it';
create trigger claim_invitations_on_insert after insert on public.users for each row
when (new.email_verified_at is not null) execute function access.claim_invitations();
create trigger claim_invitations_on_update after update of email_verified_at on public.users for each row
when (new.email_verified_at is not null and old.email_verified_at is distinct from new.email_verified_at)
execute function access.claim_invitations();

-- The other way round: who is invited after having proved the address is in at once.
create function access.place_known_person() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
    known uuid := (
        select u.id from public.users as u where u.email = new.email and u.email_verified_at is not null);
begin
    if known is null or exists (
        select from public.team_profiles as own
        where own.team_id = new.team_id and own.user_id = known and own.status = 'active'
    ) then
        return new;
    end if;
    new.user_id := known;
    new.status := 'active';
    new.accepted_at := pg_catalog.now();
    return new;
end
$$;
comment on function access.place_known_person() is
    'Row trigger: an invitation of a proved address needs no link';
create trigger claim_known_person before insert or update of status on public.team_profiles for each row
when (new.status = 'pending' and new.user_id is null and new.email is not null)
execute function access.place_known_person();

-- One person, one place; the owner's can't be taken away, and persona fields are one's own to write, but
-- neither the address that was invited nor whose voice speaks when none is chosen.
create unique index team_profiles_person_key on public.team_profiles (team_id, user_id)
where status = 'active' and user_id is not null;

create function access.keep_place() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if new.status = 'removed' and old.status <> 'removed' and new.user_id = (
        select t.owner_id from public.teams as t where t.id = new.team_id
    ) then
        raise exception 'The owner stays in the team.'
            using errcode = 'LS409', hint = 'Hand the team over first.';
    end if;
    if current_user = 'authenticated'
        and (new.email is distinct from old.email or new.is_default is distinct from old.is_default)
        and not new.team_id = any ((select access.owned_team_ids())::uuid[])
    then
        raise exception 'Only the owner of the team changes this.' using errcode = '42501';
    end if;
    return new;
end
$$;
comment on function access.keep_place() is 'Row trigger: what nobody, or only the owner, changes of a place';
create trigger keep_place before update on public.team_profiles for each row
execute function access.keep_place();

-- Mail goes out from addresses whose domain the team has proved.
create function access.refuse_unproved_sender() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
    if not exists (
        select from public.team_email_domains as d
        where d.team_id = new.id and d.status = 'verified'
            and d.domain = pg_catalog.lower(pg_catalog.split_part(new.custom_from_email, '@', 2))
    ) then
        raise exception 'This address is not of an email domain that the team has verified.'
            using errcode = '23514', table = 'teams', column = 'custom_from_email';
    end if;
    return new;
end
$$;
comment on function access.refuse_unproved_sender() is
    'Row trigger: the address that a team sends from is of its verified email domain';
create trigger keep_sender before insert or update of custom_from_email on public.teams for each row
when (new.custom_from_email is not null and current_user in ('authenticated', 'svc_magnetlab'))
execute function access.refuse_unproved_sender();

-- Handing a team over writes a row whose owner is somebody else, which no policy lets a person do.
create function access.hand_over_team(team uuid, successor_profile uuid) returns void
language plpgsql security definer
set search_path = ''
as $$
declare
    giver constant uuid := auth.uid();
    successor uuid;
begin
    perform from public.teams as t
    where t.id = team and t.owner_id = giver and not t.is_personal
        and (access.bound_team_id() is null or t.id = access.bound_team_id())
    for update;
    if not found then
        raise exception 'There is no such team of yours.' using errcode = '42501';
    end if;
    select p.user_id into successor from public.team_profiles as p
    where p.id = successor_profile and p.team_id = team and p.status = 'active'
        and p.user_id is not null and p.user_id <> giver
    for update;
    if not found then
        raise exception 'Only somebody who works in the team can take it over.' using errcode = 'LS409';
    end if;
    update public.teams set owner_id = successor where id = team;
    update public.team_profiles set role = 'owner' where id = successor_profile;
    update public.team_profiles set role = 'member' where team_id = team and user_id = giver;
end
$$;
comment on function access.hand_over_team(uuid, uuid) is
    'Makes somebody of the team its owner; whoever gives it away stays a member';
grant execute on function access.hand_over_team(uuid, uuid) to authenticated, svc_magnetlab, service_role;

-- Whose catalogue it is, and neither what was archived nor what its owner wrote for teams of others.
drop function public.list_catalogue();
create function public.list_catalogue()
returns table (
    lead_magnet_id uuid, owner_id uuid, title text, archetype public.lead_magnet_archetype,
    pain_point text, target_audience text, short_description text,
    status public.lead_magnet_status, thumbnail_url text, username text, slug text, owner_name text
)
language sql stable security definer
set search_path = ''
as $$
    select
        m.id, i.owner_id, m.title, m.archetype, m.pain_point, m.target_audience, m.short_description,
        m.status, m.thumbnail_url, a.username, f.slug, coalesce(o.name, o.email)
    from public.team_members as i
    join public.users as o on o.id = i.owner_id
    join public.lead_magnets as m on (m.user_id = i.owner_id and m.team_id is null)
        or m.team_id in (select t.id from public.teams as t where t.owner_id = i.owner_id)
    left join public.funnel_pages as f
        on f.lead_magnet_id = m.id and f.is_published and not f.is_variant
    left join public.users as a on a.id = f.user_id
    where i.member_id = auth.uid() and i.status = 'active' and m.status <> 'archived'
        and access.bound_team_id() is null
    order by 12, i.owner_id, m.updated_at desc, m.id
$$;
comment on function public.list_catalogue() is
    'Cards of the lead magnets of those who invited the acting user; the slug is that of a published page';
grant execute on function public.list_catalogue() to authenticated, service_role, svc_magnetlab;

insert into access.definer_functions (function_name, reason) values
    ('access.hand_over_team', 'Gives away a team; refuses whoever does not own it');
