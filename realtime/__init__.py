"""Live pages: one hub per process that writes each event once to all who watch."""
