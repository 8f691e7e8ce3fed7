"""The local approval platform of the demonstration: a process of its own that speaks the platform's interface."""
