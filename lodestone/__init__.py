"""Lodestone: the whole go-to-market stack of a B2B business on one PostgreSQL database."""
