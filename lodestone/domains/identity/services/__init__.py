"""Our other services call this one: signed with keys of their own, each for named actions alone.

Tables: service_keys, service_nonces. Terms: a *service* is a program of the same operator; it signs
`METHOD.path.timestamp.body`, where the path begins behind `/api`.
"""
