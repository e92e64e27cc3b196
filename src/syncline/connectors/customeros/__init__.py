"""The connector for CustomerOS."""
