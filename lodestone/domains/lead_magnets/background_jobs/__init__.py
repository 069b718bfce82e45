"""Long work that a person started: its input, how it stands, and its result, kept until read.

Table: background_jobs. Writer: svc_magnetlab, for the person. Terms: a job is *pending*,
*processing*, *completed* or *failed*; whoever started it may *cancel* it or *retry* it. A job of
the queue, which may run twice, does the work; what is paid for stays in `result` whatever becomes
of the draft.
"""
