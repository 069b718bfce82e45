"""Flows: series of mails that people enter by hand, by a lead magnet or by something they did.

Tables: email_flows, email_flow_steps, email_flow_contacts, email_flow_passages, email_flow_signals.
Writer: svc_gtm_system. Terms: a *contact* is one person in one flow, a *run* one time through it, a
*passage* what became of one step for them, a *signal* something that somebody did.
"""
