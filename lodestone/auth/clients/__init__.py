"""Clients that hold tokens: an access token for an hour, and a refresh token for one use."""
