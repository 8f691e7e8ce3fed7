"""Pages of parties: entry, the public list of firms, one's own organization."""
