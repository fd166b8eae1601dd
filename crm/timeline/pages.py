"""The timeline's tab."""

from django.utils.translation import gettext_lazy as _

from crm.panels import AccountPage


class Timeline(AccountPage):
    slug = "timeline"
    title = _("Timeline")
    icon = "history"
    url_name = "crm:account-timeline"
