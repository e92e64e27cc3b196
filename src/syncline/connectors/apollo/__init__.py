"""Speaks to Apollo.io over its public REST API: accounts, contacts and users of one team."""
