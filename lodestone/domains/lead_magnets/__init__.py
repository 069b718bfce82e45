"""Lead magnets: the free, valuable resources that people trade their e-mail address for.

Tables: lead_magnets, brand_kits, extraction_sessions, email_sequences, interactive_chats and their
messages, swipe files. Writer: svc_magnetlab. Terms: the *archetype* is the format of a magnet; its
*polished content* is what a reader sees, sections of typed blocks; a magnet is *published* by the
first funnel that shows it.
"""
