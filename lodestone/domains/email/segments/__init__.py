"""Segments: groups of a team's subscribers by what is known about them.

Tables: email_segments. Terms: a *filter* is a tree of groups and conditions; its *catalogue* names
every field that a condition may be about.
"""
