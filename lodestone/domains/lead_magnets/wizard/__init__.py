"""The guided way to a lead magnet: six steps that draw out what its author knows.

Table: extraction_sessions. Writer: svc_magnetlab. Terms: a *draft* is one run through the wizard,
kept as its author types; its *version* is the time of its last change, which every save names; an
*idea* (concept) is what the magnet shall be; *answers* are what the author knows about it.
"""
