-- Experiments on opt-in pages too, what they count, and who was shown which arm: each visitor once.

alter table public.ab_experiments drop constraint ab_experiments_test_field_check;
alter table public.ab_experiments add constraint ab_experiments_test_field_check check (test_field in (
    'headline', 'subline', 'vsl_url', 'pass_message',
    'optin_headline', 'optin_subline', 'optin_button_text'));
alter table public.ab_experiments
    add column goal text not null default 'answered'
        check (goal in ('optin', 'answered', 'qualified')),
    add column expected_lift double precision not null default 0.2
        check (expected_lift > 0 and expected_lift <= 10),
    add constraint ab_experiments_goal_on_page check (
        goal <> 'optin' or test_field in ('optin_headline', 'optin_subline', 'optin_button_text'));
call access.apply('ab_experiments');
comment on table public.ab_experiments is
    'A test of one field of a page: which value makes more visitors do what the page is for';
comment on column public.ab_experiments.test_field is
    'A field of the opt-in page; or headline, subline, video or message to the qualified of the thank-you page';
comment on column public.ab_experiments.goal is 'What counts as a success: opting in, answering, qualifying';
comment on column public.ab_experiments.expected_lift is
    'The relative difference that is worth finding: 0.2 is a fifth more successes';
comment on column public.ab_experiments.min_sample_size is
    'Visitors planned for each arm: the experiment decides when all have them, and not before';

-- A page is rendered anew when an experiment on it starts, pauses or ends.
create trigger notify_page_change after insert or update or delete on public.ab_experiments
for each row execute function platform.notify_page_change('funnel_page_id');

create table public.ab_experiment_exposures (
    experiment_id uuid not null references public.ab_experiments (id) on delete cascade,
    visitor_hash text not null check (visitor_hash ~ '^[0-9a-f]{64}$'),
    variant_id uuid not null references public.ab_experiment_variants (id) on delete cascade,
    funnel_lead_id uuid references public.funnel_leads (id) on delete set null,
    exposed_at timestamptz not null default now(),
    primary key (experiment_id, visitor_hash)
);
comment on table public.ab_experiment_exposures is
    'A visitor who was shown an arm of an experiment, once however often they came';
comment on column public.ab_experiment_exposures.visitor_hash is
    'Of a random number in the visitor''s browser, or of the lead; another one in every experiment';
comment on column public.ab_experiment_exposures.funnel_lead_id is
    'The lead that this visitor became or was; null for who has not opted in';
create index on public.ab_experiment_exposures (variant_id, exposed_at);
create index on public.ab_experiment_exposures (funnel_lead_id) where funnel_lead_id is not null;
call access.through('ab_experiment_exposures', 'experiment_id', 'ab_experiments', commands => '{select}');
call access.written_by('ab_experiment_exposures', 'magnetlab', 'funnels', '{copy_of_gtm_os}');

-- What visitors were promised to be shown, and how much of it, stays as it was at the start.
create function platform.keep_started_experiment() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    raise exception 'An experiment that has started is not changed any more.'
        using errcode = 'LS409', table = tg_table_name;
end
$$;
comment on function platform.keep_started_experiment() is
    'Row trigger: refuses to change the plan of an experiment that has started';
create trigger keep_started_experiment before update on public.ab_experiments for each row
when (
    old.status <> 'draft'
    and (old.funnel_page_id, old.test_field, old.goal, old.min_sample_size)
        is distinct from (new.funnel_page_id, new.test_field, new.goal, new.min_sample_size)
)
execute function platform.keep_started_experiment();

create function platform.keep_started_arms() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if exists (
        select from public.ab_experiments as e
        where e.id = (case when tg_op = 'INSERT' then new.experiment_id else old.experiment_id end)
            and e.status <> 'draft'
    ) then
        raise exception 'The arms of an experiment that has started are not changed any more.'
            using errcode = 'LS409', table = tg_table_name;
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end
$$;
comment on function platform.keep_started_arms() is
    'Row trigger: arms come, change and go only before the start, or with their experiment';
create trigger keep_started_arms before insert or delete on public.ab_experiment_variants
for each row execute function platform.keep_started_arms();
create trigger keep_started_values before update of experiment_id, position, value
on public.ab_experiment_variants for each row execute function platform.keep_started_arms();

-- What a page under test is rendered from. Arms are not for strangers, so this looks on behalf of the
-- service that serves the pages, as find_published_funnel does.
create function public.find_running_experiment(page_id uuid) returns jsonb
language sql stable security definer
set search_path = ''
as $$
    select pg_catalog.jsonb_build_object(
        'id', e.id, 'test_field', e.test_field,
        'arms', pg_catalog.jsonb_agg(
            pg_catalog.jsonb_build_object('id', v.id, 'value', v.value) order by v.position))
    from public.ab_experiments as e
    join public.ab_experiment_variants as v on v.experiment_id = e.id
    where e.funnel_page_id = page_id and e.status = 'running'
    group by e.id
$$;
comment on function public.find_running_experiment(uuid) is
    'The running experiment of a page with its arms in order, or null';
grant execute on function public.find_running_experiment(uuid) to service_role, svc_magnetlab;
