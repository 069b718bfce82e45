"""The SQL of sending: messages, handfuls of them, and the accounts that carry them."""
