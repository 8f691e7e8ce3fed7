"""The local licence library of the demonstration: a process of its own that speaks the library's interface."""
