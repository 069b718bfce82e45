"""How a business speaks and looks."""
