"""The SQL of subscribers and of the files that bring them."""
