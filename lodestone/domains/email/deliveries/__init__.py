"""Deliveries: what becomes of a mail, as providers and readers tell us, and the sums of it.

Tables: email_provider_events, email_events, email_daily_stats. Terms: a *report* is what a provider
sent us, kept as it came; an *event* is what it says about a message of ours.
"""
