"""Accounts as sign-in sees them: addresses, metadata, providers, second factors."""
