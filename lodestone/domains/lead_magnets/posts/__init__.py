"""Posts that promote a magnet: three with different hooks, a message to send, a word to answer.

Table: lead_magnets (`post_variations`, `linkedin_post`, `dm_template`, `cta_word`). Writer:
svc_magnetlab. Terms: the *hook* is the first line or two; the *word* is what readers comment to get
the magnet; `linkedin_post` is the chosen variation as its author left it.
"""
