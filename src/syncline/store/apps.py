"""The Django app of the store."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tells Django where the models live."""

    name = "syncline.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
