"""Sending: the outbox, through which every message leaves, and the providers that carry it.

Tables: email_outbox. A message is claimed, the claim is committed, then it is handed over.
"""
