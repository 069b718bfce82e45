"""Makes one statement of a request: names from the catalog, values bound, JSON out."""
