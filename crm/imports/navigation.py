"""The entry of the main menu."""

from django.utils.translation import gettext_lazy as _

from crm.panels import ADMINISTRATION, NavigationEntry


class ImportsEntry(NavigationEntry):
    title = _("Imports")
    group = ADMINISTRATION
    icon = "file-import"
    url_name = "crm:import-list"
    capability = "import"
