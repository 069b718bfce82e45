"""The reference of the HTTP interface, drawn from its own description."""
