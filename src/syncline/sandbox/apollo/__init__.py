"""The stand-in of Apollo: contacts, accounts, stages, users, fields and lists of one team."""
