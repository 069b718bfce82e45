"""Teams: workspaces that several people share, who is in them, and what was done there."""
