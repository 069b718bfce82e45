"""Reviews: mails of flows that a model rewrote for one reader, and that a person decides on.

Table: email_review_queue. Writer: svc_gtm_system. Terms: the *original* is the text of the step,
the *generated* one the model's; what is sent is the generated one as the reviewer left it.
"""
