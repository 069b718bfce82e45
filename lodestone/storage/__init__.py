"""The storage API: buckets and objects over HTTP, as the Supabase clients speak it."""
