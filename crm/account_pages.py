"""crm's own pages of an account."""

from django.utils.translation import gettext_lazy as _

from crm.panels import AccountPage


class Overview(AccountPage):
    slug = "overview"
    title = _("Overview")
    icon = "layout-dashboard"
    url_name = "crm:account-detail"


class Profile(AccountPage):
    slug = "profile"
    title = _("Profile")
    icon = "building-factory-2"
    url_name = "crm:account-profile"


class Trends(AccountPage):
    slug = "trends"
    title = _("Business trends")
    icon = "trending-up"
    url_name = "crm:account-trends"


class Opportunities(AccountPage):
    slug = "opportunities"
    title = _("Opportunities")
    icon = "target-arrow"
    url_name = "crm:account-opportunities"


class DecisionMapPage(AccountPage):
    slug = "decisions"
    title = _("Decision map")
    icon = "hierarchy-3"
    url_name = "crm:account-decisions"


class TradeHistoryPage(AccountPage):
    slug = "trade"
    title = _("Trade history")
    icon = "chart-bar"
    url_name = "crm:account-trade-history"
