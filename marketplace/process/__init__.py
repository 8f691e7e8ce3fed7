"""One timeline per process and one desk per person."""
