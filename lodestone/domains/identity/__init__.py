"""Identity: who a person is, which teams and which tenant they work in, what their plan allows.

Tables: users, subscriptions, usage_tracking, teams, team_profiles, team_members, tenants, profiles,
api_keys, user_sessions. Writer: svc_magnetlab. Terms: a *workspace* is what a person works in: one
tenant, and a team in it, their personal one unless another is chosen.
"""
