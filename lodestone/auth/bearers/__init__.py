"""Access tokens on `/api/*`: whoever holds one acts as its account, while its session lasts."""
