"""People in flows: they enter by hand or by an opt-in, and are taken out."""
