"""Posts of a magnet, and the quick way to a page."""
