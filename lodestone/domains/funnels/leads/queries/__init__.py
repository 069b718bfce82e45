"""The SQL of leads, by what is done with them."""
