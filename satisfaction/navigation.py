from django.utils.translation import gettext_lazy as _

from crm.panels import INSIGHT, NavigationEntry


class SatisfactionEntry(NavigationEntry):
    title = _("Satisfaction")
    group = INSIGHT
    icon = "mood-smile"
    url_name = "satisfaction:dashboard"
    capability = "view_dashboards"
