"""Timings of the parts that need no network, started by `make bench`."""
