"""What was agreed and is delivered: contracts, milestones, deliverables."""
