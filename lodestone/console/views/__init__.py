"""Saved views: lists as a person wants to find them again."""
