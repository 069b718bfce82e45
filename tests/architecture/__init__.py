"""Rules that no single part can keep: of the schema, of access, of the code, of the documents."""
