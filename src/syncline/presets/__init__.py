"""Default field maps, matching and policies for two systems, as YAML beside this file."""
