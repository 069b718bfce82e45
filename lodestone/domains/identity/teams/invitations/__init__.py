"""Invitations: links that bring people into a team, or to somebody's catalogue."""
