"""The SQL of the super-admin area, by noun."""
