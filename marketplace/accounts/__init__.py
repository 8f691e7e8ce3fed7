"""Who signs in: users, sessions, messages to them."""
