"""Operations: one lead record per person, and the trail of everything that happened to it.

Tables: leads, events, reply_pipeline, blueprint_requests, webhook_events, metrics, system_health,
audit_log, the conductor tables, call_queue. Writer: svc_gtm_system. Terms: a *lead* is a person
in a tenant's pipeline, wherever they came from; its *source* is the first touch, kept in
`opt_in_data.source`; an *event* is a line of its trail and never changes.
"""
