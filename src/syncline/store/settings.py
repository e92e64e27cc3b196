"""Django's settings of the store that do not depend on the database."""

from typing import Any

INSTALLED_APPS = ["syncline.store"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, Any] = {}
