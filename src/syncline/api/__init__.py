"""HTTP: whether the process is well, and what other programs may ask of it."""
