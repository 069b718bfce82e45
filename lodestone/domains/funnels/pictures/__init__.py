"""Pictures of funnels: those that creators upload, and those that links to a page are shared with.

No tables: both lie among the workspace's public files.
"""
