"""Syncline keeps sales systems in agreement."""

__version__ = "0.1.0"
