"""Tools for testing connectors and whole syncs, shipped for outside authors."""
