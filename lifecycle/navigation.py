from django.utils.translation import gettext_lazy as _

from crm.panels import INSIGHT, NavigationEntry


class LifecycleEntry(NavigationEntry):
    title = _("Lifecycle")
    group = INSIGHT
    icon = "timeline"
    url_name = "lifecycle:dashboard"
    capability = "view_dashboards"
