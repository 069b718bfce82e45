"""Who is signed in: accounts, passwords, sessions, the sign-in page, and `/auth/v1` for clients.

Tables: users, subscriptions, teams, team_profiles, profiles (when an account is made),
user_sessions, user_refresh_tokens,
user_one_time_tokens, user_auth_flows, user_identities, user_mfa_factors, user_mfa_challenges,
login_attempts. Writer: magnetlab.
A session is a browser that holds a random token in its cookie; the row holds the token's hash.
"""
