"""The SQL of exports and deletions."""
