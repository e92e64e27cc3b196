"""The store: what was observed, what was agreed, and the journal. A Django app on SQLite or PostgreSQL."""

from syncline.store.database import prepare

prepare()
