"""Second factors: an authenticator app whose six digits change every half minute (TOTP)."""
