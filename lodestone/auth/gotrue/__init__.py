"""`/auth/v1`: sign-in as GoTrue speaks it, over the same accounts and sessions as the console.

Source: https://supabase.com/docs/reference/self-hosting-auth/introduction, and what auth-js and
supabase_auth send and read.
"""
