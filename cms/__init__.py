"""Words, pictures and navigation in Wagtail, and the administrators' desks."""
