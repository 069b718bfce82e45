"""Accounts elsewhere with which people sign in here: Google, by OpenID Connect."""
