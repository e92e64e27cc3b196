"""Jobs: queued pieces of work, whoever carries them out."""
