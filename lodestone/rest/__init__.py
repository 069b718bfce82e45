"""The data API at `/rest/v1`: all of schema `public`, as PostgREST speaks.

A request passes through four rooms, each of which knows nothing of the next: `keys` says who asks,
`grammar` reads the address into a small typed tree, `sql` makes one statement of it with the names
of the `catalog`, and `router` runs that as the caller and answers what PostgreSQL wrote. Row-level
security decides what anybody sees; nothing here does.

Source: https://docs.postgrest.org/en/v14/references/api.html
"""
