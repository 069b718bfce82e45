"""What a program needs: API keys, webhooks and the description of the API."""
