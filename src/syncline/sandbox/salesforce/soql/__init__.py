"""SOQL: parsed by a grammar, resolved against the schema, run over the records in memory."""
