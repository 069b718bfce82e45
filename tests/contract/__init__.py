"""The clients that people have, unchanged, against a running server."""
