"""The end of an account: what keeps it, and what is done when nothing does."""
