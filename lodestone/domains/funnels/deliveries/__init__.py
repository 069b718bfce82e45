"""Deliveries: what lists, customer systems and ad platforms are told of a lead.

A *delivery* is one event of one lead for one destination: a row before it is a request, with every
try noted. The row's `event_id` is the same at every try, so that nothing counts twice over there.
Webhooks have a room and a log of their own; the log here shows both.
"""
