"""The intermediary service marketplace: chapters of one story, in the order of docs/architecture.md."""
