"""Who is signed in: accounts, passwords, sessions and the sign-in page.

Tables: users, subscriptions, teams, team_profiles, profiles (when an account is made),
user_sessions, login_attempts. Writer: magnetlab.
A session is a browser that holds a random token in its cookie; the row holds the token's hash.
"""
