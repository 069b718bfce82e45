"""Every table of the schema on a screen, as far as the signed-in person may see and change it."""
