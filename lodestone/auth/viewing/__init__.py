"""A super admin looks with another account's eyes: audited, for minutes, reading at first."""
