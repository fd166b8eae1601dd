"""crm's own pages of an account."""

from django.utils.translation import gettext_lazy as _

from crm.panels import AccountPage


class Overview(AccountPage):
    slug = "overview"
    title = _("Overview")
    icon = "layout-dashboard"
    url_name = "crm:account-detail"


class Trends(AccountPage):
    slug = "trends"
    title = _("Business trends")
    icon = "trending-up"
    url_name = "crm:account-trends"
