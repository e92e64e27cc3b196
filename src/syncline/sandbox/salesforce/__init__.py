"""The Salesforce stand-in: an org with accounts, contacts, leads and users behind REST."""
