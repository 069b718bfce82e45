"""Plans, what was used of them, and Stripe, which sells them."""
