"""What a magnet holds: from what its author said, over a draft in its format, to what is read.

Table: lead_magnets, its columns `extracted_content` (sections as told), `generated_content` (the
shape of the format) and `polished_content` (sections of typed blocks). Writer: svc_magnetlab.
Terms: *polish* turns either of the first two into blocks; *formatting only* keeps every word.
`polished_content.version` counts the saves, and an edit names the one it began with.
"""
