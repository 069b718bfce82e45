"""The live catalog: what a database is, how it differs from the migrations, and its reference."""
