from django.utils.translation import gettext_lazy as _

from crm.panels import NavigationEntry


class SatisfactionEntry(NavigationEntry):
    title = _("Satisfaction")
    icon = "mood-smile"
    url_name = "satisfaction:dashboard"
    capability = "view_dashboards"
