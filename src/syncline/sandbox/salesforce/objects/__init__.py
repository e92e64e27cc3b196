"""The objects of the org, one module each, as tables of fields."""
