"""The settings of production with what tests need: a fast hasher, tasks in the foreground, files that vanish."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from config.stack.testing import ensure_services

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
# Here and not in conftest.py: pytest-django reads the settings before it reads that.
ensure_services()

from config.settings import *  # noqa: E402, F403

# The threads of a live server end with their connections still open otherwise, and hold the test database.
DATABASES["default"]["CONN_MAX_AGE"] = 0  # noqa: F405

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="mainstay-media-"))
atexit.register(shutil.rmtree, MEDIA_ROOT, ignore_errors=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
