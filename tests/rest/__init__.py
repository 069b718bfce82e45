"""Tests of the data API over HTTP, on a library of its own beside the product's tables."""
