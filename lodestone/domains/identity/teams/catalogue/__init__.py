"""The catalogue: cards of somebody's lead magnets, for those whom they let read it."""
