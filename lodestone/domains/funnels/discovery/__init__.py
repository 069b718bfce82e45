"""What search engines ask for: robots.txt and a map of all published pages."""
