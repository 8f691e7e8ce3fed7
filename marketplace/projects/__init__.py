"""What the approval platform tells us: investment projects and approval cases."""
