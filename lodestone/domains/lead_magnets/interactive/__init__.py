"""Lead magnets that are used and not read: calculators, assessments and chats.

Tables: lead_magnets.interactive_config, interactive_chats, interactive_chat_messages.
Writer: magnetlab. Terms: a tool is any of the three; an answer is what a visitor gave it.
"""
