"""The way back into the approval platform, and a local counterpart of it."""
