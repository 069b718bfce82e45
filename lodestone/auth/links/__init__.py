"""The pages that mailed links lead to, and those that ask for such a mail."""
