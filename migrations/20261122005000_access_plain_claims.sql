-- Every policy asks who acts. These were functions that called functions; as plain expressions, parsed here once
-- so that no search path can bend them, PostgreSQL folds them into the statement that asks.

do $own$
begin
    create or replace function auth.jwt() returns jsonb
    language sql stable parallel safe
    return coalesce(
        nullif(pg_catalog.current_setting('request.jwt.claims', true), ''), '{}'
    )::pg_catalog.jsonb;

    create or replace function auth.uid() returns uuid
    language sql stable parallel safe
    return nullif(
        nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.jsonb
            ->> 'sub', ''
    )::pg_catalog.uuid;
exception when insufficient_privilege then
    null; -- Supabase owns these; its own are plain expressions.
end
$own$;
