from django.utils.translation import gettext_lazy as _

from crm.panels import ADMINISTRATION, INSIGHT, VALUE, NavigationEntry


class TiersEntry(NavigationEntry):
    title = _("Tiers")
    group = INSIGHT
    icon = "chart-pie"
    url_name = "segmentation:tiers"
    capability = "view_dashboards"


class CoverageEntry(NavigationEntry):
    title = _("Visit coverage")
    group = INSIGHT
    icon = "calendar-stats"
    url_name = "segmentation:coverage"
    capability = "view_coverage"


class PoliciesEntry(NavigationEntry):
    title = _("Service policies")
    group = ADMINISTRATION
    icon = "heart-handshake"
    url_name = "segmentation:policies"
    capability = "edit_policies"


class ModelsEntry(NavigationEntry):
    title = _("Scoring models")
    group = INSIGHT
    icon = "adjustments"
    url_name = "segmentation:model-list"
    capability = "edit_models"


class ValueMatrixEntry(NavigationEntry):
    title = _("Value matrix")
    group = VALUE
    icon = "layout-grid"
    url_name = "segmentation:value-matrix"
    capability = "view_dashboards"


class CompetitionEntry(NavigationEntry):
    title = _("Competition")
    group = VALUE
    icon = "swords"
    url_name = "segmentation:competition"
    capability = "view_dashboards"


class EquityEntry(NavigationEntry):
    title = _("Customer equity")
    group = VALUE
    icon = "diamond"
    url_name = "segmentation:equity"
    capability = "view_dashboards"


class ConcentrationEntry(NavigationEntry):
    title = _("80/20")
    group = VALUE
    icon = "chart-area-line"
    url_name = "segmentation:concentration"
    capability = "view_dashboards"


class OverridesEntry(NavigationEntry):
    title = _("Set by hand")
    group = INSIGHT
    icon = "hand-stop"
    url_name = "segmentation:overrides"
    capability = "override_figures"


class PyramidEntry(NavigationEntry):
    title = _("Customer pyramid")
    group = VALUE
    icon = "pyramid"
    url_name = "segmentation:pyramid"
    capability = "view_dashboards"


class SegmentsEntry(NavigationEntry):
    title = _("Segments")
    group = VALUE
    icon = "chart-dots-3"
    url_name = "segmentation:segments"
    capability = "view_dashboards"


class MovementEntry(NavigationEntry):
    title = _("Movement")
    group = INSIGHT
    icon = "arrows-exchange"
    url_name = "segmentation:movement"
    capability = "view_dashboards"


class KpisEntry(NavigationEntry):
    title = _("Monthly figures")
    group = INSIGHT
    icon = "calendar-stats"
    url_name = "segmentation:kpis"
    capability = "view_dashboards"


class KeyAccountsEntry(NavigationEntry):
    title = _("Key accounts")
    group = VALUE
    icon = "crown"
    url_name = "segmentation:key-accounts"
    capability = "view_dashboards"
