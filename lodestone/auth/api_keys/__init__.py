"""API keys: with one a program acts for an account, within the key's scopes.

Table: api_keys. Writer: magnetlab. A key is shown once; its row holds a hash and the last four
characters.
"""
