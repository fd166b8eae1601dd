from django.utils.translation import gettext_lazy as _

from crm.panels import NavigationEntry


class LifecycleEntry(NavigationEntry):
    title = _("Lifecycle")
    icon = "timeline"
    url_name = "lifecycle:dashboard"
    capability = "view_dashboards"
