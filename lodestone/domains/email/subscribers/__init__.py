"""Subscribers: one truth per person and team, and nobody on the list against their will.

Tables: email_subscribers, email_consents, email_list_settings, email_imports, suppressions. Terms:
an *act* is what the person themselves did; a *vouched* address was brought by somebody of the team,
who said that the person agreed.
"""
