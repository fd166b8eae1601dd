from django.utils.translation import gettext_lazy as _

from crm.panels import ADMINISTRATION, INSIGHT, NavigationEntry


class SatisfactionEntry(NavigationEntry):
    title = _("Satisfaction")
    group = INSIGHT
    icon = "mood-smile"
    url_name = "satisfaction:dashboard"
    capability = "view_dashboards"


class SentimentEntry(NavigationEntry):
    title = _("Sentiment")
    group = INSIGHT
    icon = "message-heart"
    url_name = "satisfaction:sentiment"
    capability = "view_dashboards"


class SentimentModelsEntry(NavigationEntry):
    title = _("Sentiment models")
    group = ADMINISTRATION
    icon = "brain"
    url_name = "satisfaction:sentiment-models"
    capability = "edit_models"
