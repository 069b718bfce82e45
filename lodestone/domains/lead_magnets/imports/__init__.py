"""Lead magnets from what exists already: files, pages of the web, pasted text, spreadsheets.

Tables: none of its own; what is read is shown first, and becomes a row of lead_magnets when its
person says so. Everything becomes Markdown on the way, so an import can be mended before it is
kept. Files of strangers are read in a process of their own, with little time and memory.
"""
