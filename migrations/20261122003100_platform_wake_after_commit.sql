-- A commit that carries a notice waits for every other commit that carries one, each until its log is
-- on disk: a thousand opt-ins a second stood in one queue. The pool wakes the workers right after the
-- commit instead, and says so; jobs that are enqueued in any other way wake them as before.

create or replace function platform.notify_jobs() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if tg_op = 'INSERT'
        and pg_catalog.current_setting('lodestone.workers_woken_by', true) = 'caller'
    then
        return null;
    end if;
    perform pg_catalog.pg_notify('lodestone_jobs', pg_catalog.json_build_object(
        'channel', 'lodestone_jobs',
        'operation', pg_catalog.lower(tg_op),
        'sent_at', pg_catalog.now(),
        'table', tg_table_name,
        'type', 'table_changed_event'
    )::text);
    return null;
end
$$;
comment on function platform.notify_jobs() is
    'Trigger: wakes the workers, unless the caller does so after the commit';
