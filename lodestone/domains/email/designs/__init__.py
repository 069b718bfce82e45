"""Designs: how a mail looks, and the words in it that differ from reader to reader.

Table: email_designs. Writer: svc_gtm_system. Terms: a *block* is one part of a design; *fields* are
written `{{first_name}}` or `{{first_name|there}}`; a *compiled* mail needs only its fields filled.
"""
