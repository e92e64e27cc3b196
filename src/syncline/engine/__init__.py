"""Effects around the core: read, look up, plan, write, commit, and answer questions about it."""
