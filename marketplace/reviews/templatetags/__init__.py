"""Template tags of the reviews chapter."""
