"""Mail that was sent, waits or failed, and what it says when it lands in the mail directory."""
