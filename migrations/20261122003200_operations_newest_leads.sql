-- The list of leads opens with those that changed last: without this index it sorts them all.
create index on public.leads (tenant_id, updated_at desc);
