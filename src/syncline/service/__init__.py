"""The service: joins the settings with the store, the connectors and the engine."""
