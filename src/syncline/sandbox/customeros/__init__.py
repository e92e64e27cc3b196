"""The stand-in of CustomerOS: its GraphQL service, as far as an outside program reads leads and users."""
