"""crm's entries of the main menu."""

from django.utils.translation import gettext_lazy as _

from crm.panels import ADMINISTRATION, NavigationEntry


class Home(NavigationEntry):
    title = _("Home")
    icon = "home"
    url_name = "crm:home"


class Calendar(NavigationEntry):
    title = _("Calendar")
    icon = "calendar-week"
    url_name = "crm:calendar"


class Accounts(NavigationEntry):
    title = _("Accounts")
    icon = "building-factory-2"
    url_name = "crm:account-list"


class Visits(NavigationEntry):
    title = _("Visits")
    icon = "calendar-event"
    url_name = "crm:visit-list"


class People(NavigationEntry):
    title = _("People")
    group = ADMINISTRATION
    icon = "users"
    url_name = "crm:people"
    capability = "view_people"


class RunsEntry(NavigationEntry):
    title = _("Runs")
    group = ADMINISTRATION
    icon = "refresh"
    url_name = "crm:run-list"
    capability = "view_runs"


class Opportunities(NavigationEntry):
    title = _("Opportunities")
    icon = "target-arrow"
    url_name = "crm:opportunity-board"


class PipelineStages(NavigationEntry):
    title = _("Pipeline stages")
    group = ADMINISTRATION
    icon = "layout-kanban"
    url_name = "crm:pipeline-stages"
    capability = "edit_pipeline"


class Duplicates(NavigationEntry):
    title = _("Duplicates")
    group = ADMINISTRATION
    icon = "arrows-join"
    url_name = "crm:duplicate-list"
    capability = "merge_accounts"
