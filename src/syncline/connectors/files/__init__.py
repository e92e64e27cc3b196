"""Leads from files: CSV, JSON lines, or a folder of such files that others write into."""
