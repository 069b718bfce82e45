"""The swipe file."""
