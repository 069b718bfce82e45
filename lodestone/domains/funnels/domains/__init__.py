"""Own domains: a workspace's pages at addresses of its own.

A *domain* is a row of team_domains: pending_dns until two records are found in the domain name
system, one that shows whose it is and one that leads here; then verified, and active once pages are
served on it. The router of hosts turns `/{slug}` on an active domain into that workspace's page.
"""
