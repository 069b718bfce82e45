"""Every SQL statement of funnels, by noun."""
