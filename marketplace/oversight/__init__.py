"""What the public watches: figures, chains, proofs."""
