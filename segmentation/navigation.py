from django.utils.translation import gettext_lazy as _

from crm.panels import INSIGHT, NavigationEntry


class TiersEntry(NavigationEntry):
    title = _("Tiers")
    group = INSIGHT
    icon = "chart-pie"
    url_name = "segmentation:tiers"
    capability = "view_dashboards"
