"""E-mail: one subscriber list per team, and the outbox through which every message leaves.

Tables: email_subscribers, suppressions, email_flows, email_broadcasts, email_outbox, email_events
and what belongs to them. Writer: svc_gtm_system. Terms: a *message* is one row of the outbox, for
one recipient, known by its dedupe key; *suppressed* is who must not be written to any more.
"""
