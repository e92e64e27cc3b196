"""Django's settings that do not depend on the database: those of the store, and of the views that show it."""

from typing import Any

INSTALLED_APPS = ["syncline.store"]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES: dict[str, Any] = {}

# What answers over HTTP, in a process that serves. Hosts are looked at by the gate, before Django sees them.
ROOT_URLCONF = "syncline.api.routes"
MIDDLEWARE = ["syncline.api.answers.InWords"]
ALLOWED_HOSTS = ["*"]
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = None
