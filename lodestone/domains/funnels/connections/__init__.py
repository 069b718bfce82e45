"""Connections: the outside services that a person has connected, and where a funnel's leads go.

A *connection* is a row of user_integrations: credentials that were tried before they were kept,
encrypted, and never shown again. A *mapping* is a row of funnel_integrations: the list and tag of
one provider for one funnel, with the credentials of whoever chose it.
"""
