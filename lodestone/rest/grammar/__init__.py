"""Reads what a request asks for, from its address and headers, into a small typed tree."""
