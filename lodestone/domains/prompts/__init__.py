"""Prompts: every instruction to a language model, its history, and the one way to send it.

Tables: ai_prompt_templates, ai_prompt_versions. Writer: svc_gtm_system. Terms: a *step* is a prompt
that the code declares: its shipped text, the models of its input and output, and the *offline rule*
that gives the same output without a language model.
"""
