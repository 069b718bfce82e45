"""Libraries and tracked links."""
