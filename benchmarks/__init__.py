"""`make bench`: what a sync of many people costs, measured over real processes and HTTP."""
