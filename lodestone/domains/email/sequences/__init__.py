"""Sequences: the welcome mails that follow the opt-in for one lead magnet.

Tables: email_sequences (writer svc_magnetlab), email_sequence_enrolments (writer svc_gtm_system).
Terms: a mail's *day* counts from the opt-in; a *placeholder* is a gap in square brackets that
somebody has yet to fill.
"""
