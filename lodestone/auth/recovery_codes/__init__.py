"""Codes on paper that stand in for a second factor when the phone is gone, each once."""
