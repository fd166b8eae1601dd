"""What each app contributes to crm's pages. The order here is the order on the page."""

CRM_ACCOUNT_PANELS: list[str] = [
    # The order of a phone, at the customer's gate: who and what happened last, then the figures and their reasons.
    "crm.account_panels.PeoplePanel",
    "crm.account_panels.VisitsPanel",
    "crm.account_panels.ComplaintsPanel",
    "crm.attachments.panels.FilesPanel",
    "segmentation.panels.GradePanel",
    "lifecycle.panels.StagePanel",
    "crm.account_panels.TradePanel",
    "satisfaction.panels.SatisfactionPanel",
    "lifecycle.panels.LoyaltyPanel",
    "crm.account_panels.ProfilePanel",
    "crm.account_panels.GroupPanel",
]
CRM_ACCOUNT_PAGES: list[str] = [
    "crm.account_pages.Overview",
    "crm.account_pages.Trends",
]
CRM_ACCOUNT_COLUMNS: list[str] = [
    "segmentation.columns.GradeColumn",
    "segmentation.columns.ScoreColumn",
    "lifecycle.columns.StageColumn",
    "lifecycle.columns.OverdueColumn",
    "crm.account_columns.NetSalesColumn",
    "crm.account_columns.GrossProfitColumn",
    "satisfaction.columns.SatisfactionColumn",
    "lifecycle.columns.LoyaltyColumn",
    "crm.account_columns.LastTradeColumn",
    "crm.account_columns.OwnerColumn",
    "crm.account_columns.TerritoryColumn",
]
CRM_ACCOUNT_FILTERS: list[str] = [
    "segmentation.filters.GradeFilter",
    "segmentation.filters.MovedFilter",
    "lifecycle.filters.StageFilter",
    "lifecycle.filters.StageBeforeFilter",
    "satisfaction.filters.SatisfactionClassFilter",
    "lifecycle.filters.LoyaltyFilter",
    "crm.account_filters.TerritoryFilter",
    "crm.account_filters.OwnerFilter",
    "crm.account_filters.KindFilter",
    "crm.account_filters.CountryFilter",
    "crm.account_filters.RegionFilter",
    "crm.account_filters.IndustryFilter",
]
CRM_HOME_CARDS: list[str] = [
    "segmentation.home_cards.AtRiskCard",
    "segmentation.home_cards.TiersCard",
    "crm.home_cards.NextStepsCard",
    "crm.home_cards.RecentAccountsCard",
    "crm.home_cards.OpenComplaintsCard",
]
CRM_NAVIGATION: list[str] = [
    "crm.navigation.Home",
    "crm.navigation.Accounts",
    "crm.navigation.Visits",
    "segmentation.navigation.TiersEntry",
    "lifecycle.navigation.LifecycleEntry",
    "satisfaction.navigation.SatisfactionEntry",
    "crm.navigation.People",
    "crm.imports.navigation.ImportsEntry",
    "crm.navigation.RunsEntry",
]
# What a person should see to today (crm.panels.DaySource), most urgent kind first.
CRM_DAY_SOURCES: list[str] = []
# What happened with an account (crm.panels.TimelineSource).
CRM_TIMELINE_SOURCES: list[str] = [
    "crm.trends.timeline.ObservationsOfAccount",
]
