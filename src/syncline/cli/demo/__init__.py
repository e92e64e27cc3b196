"""The demonstration: two stand-ins, three runs, and what happened in plain words."""
