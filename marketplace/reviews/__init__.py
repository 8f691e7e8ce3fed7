"""How it went: reviews, credit scores, penalties."""
