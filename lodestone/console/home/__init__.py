"""The first page after signing in: what needs doing today, and how the numbers move."""
