"""What can be asked for: regions, services, matters, kinds of qualification."""
