"""The quick way: a title and a few words become a magnet and its drafted page, both or neither.

Tables: lead_magnets, and the funnels' own by their service. Writer: svc_magnetlab.
"""
