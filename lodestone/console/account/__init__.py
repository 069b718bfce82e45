"""The signed-in person's own settings: profile, security, and the look of their new funnels."""
