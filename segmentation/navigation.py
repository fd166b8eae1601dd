from django.utils.translation import gettext_lazy as _

from crm.panels import NavigationEntry


class TiersEntry(NavigationEntry):
    title = _("Tiers")
    icon = "chart-pie"
    url_name = "segmentation:tiers"
    capability = "view_dashboards"
