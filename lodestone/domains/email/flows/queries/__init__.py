"""The SQL of flows, of their people, and of what the engine does."""
