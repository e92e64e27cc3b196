"""Stand-in servers of the outside systems, used by tests, the demo and anyone who wants to try things out."""
