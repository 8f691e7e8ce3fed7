"""/v1: Stripe's HTTP interface over our actions; the official client drives it by its base address alone."""
