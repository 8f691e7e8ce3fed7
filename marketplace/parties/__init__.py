"""Who takes part: organizations, members, practitioners, qualifications, entry 入驻, what a firm offers."""
