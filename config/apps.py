from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ConfigConfig(AppConfig):
    name = "config"
    default = True

    def ready(self) -> None:
        # Importing the chain makes its steps and tasks known to every process, web servers included.
        from config import nightly  # noqa: F401


class MainstayAdminConfig(admin_apps.AdminConfig):
    """Django's admin as the analysts' back office, for administrators only."""

    default_site = "config.admin.MainstayAdminSite"
    default = False
