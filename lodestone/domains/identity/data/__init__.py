"""An account takes its data with it, and leaves.

Tables: account_exports, account_deletions; the bucket account-exports. Terms: an *export* is one
ZIP with everything that an account owns; a deletion is *scheduled*, and can be taken back until it
is due.
"""
