"""The code that speaks to each kind of system, behind one contract (`connectors.base`)."""
