"""Broadcasts: one mail to many people at once.

Tables: email_broadcasts, and its messages in email_outbox. Terms: a *wording* is one of
the two subjects and bodies of a test, `a` or `b`; the *holdout* gets nothing, for comparison; a
*run* is one worker's way through the messages.
"""
