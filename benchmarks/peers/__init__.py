"""What the product is measured against: a bare server, and its endpoint written the usual way."""
