-- The value in the owner's TXT record is for all the world to read, and its name says so.

alter table public.team_domains rename column ownership_token to ownership_proof;
call access.apply('team_domains');
