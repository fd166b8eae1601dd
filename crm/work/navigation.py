"""The entry of the main menu."""

from django.utils.translation import gettext_lazy as _

from crm.panels import NavigationEntry


class Tasks(NavigationEntry):
    title = _("Tasks")
    icon = "checklist"
    url_name = "crm:task-list"
