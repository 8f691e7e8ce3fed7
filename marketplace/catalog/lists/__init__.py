"""The catalogue as lists in files: what stands in which column, what a file would change, and how it is written back."""
