"""Links that are given away, each behind a redirect that counts who follows it.

Tables: external_resources, external_resource_clicks. Writer: svc_magnetlab. Terms: a link is the
row, a click one visitor who was sent on.
"""
