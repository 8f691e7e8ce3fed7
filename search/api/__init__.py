"""Search for programs: the same parameters and the same results as the page, as JSON; docs/search_api.md describes it."""
