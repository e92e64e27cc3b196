"""Salesforce, by its REST API: accounts, contacts, leads and users."""
