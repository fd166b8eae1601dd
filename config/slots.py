"""What each app contributes to crm's pages. The order here is the order on the page."""

CRM_ACCOUNT_PANELS: list[str] = [
    # The order of a phone, at the customer's gate: who and what happened last, then the figures and their reasons.
    "crm.account_panels.PeoplePanel",
    "crm.decisions.panels.DecisionsPanel",
    "crm.account_panels.VisitsPanel",
    "crm.account_panels.ComplaintsPanel",
    "satisfaction.panels.SentimentPanel",
    "crm.attachments.panels.FilesPanel",
    "segmentation.panels.GradePanel",
    "segmentation.cadence.slots.ServicePanel",
    "lifecycle.panels.StagePanel",
    "crm.account_panels.TradePanel",
    "satisfaction.panels.SatisfactionPanel",
    "lifecycle.panels.LoyaltyPanel",
    "crm.account_panels.ProfilePanel",
    "crm.profile.slots.CompletenessPanel",
    "crm.account_panels.GroupPanel",
]
CRM_ACCOUNT_PAGES: list[str] = [
    "crm.account_pages.Overview",
    "crm.account_pages.DecisionMapPage",
    "crm.account_pages.Profile",
    "crm.account_pages.Trends",
    "crm.account_pages.Opportunities",
]
CRM_ACCOUNT_COLUMNS: list[str] = [
    "segmentation.columns.GradeColumn",
    "segmentation.columns.ScoreColumn",
    "lifecycle.columns.StageColumn",
    "lifecycle.columns.OverdueColumn",
    "crm.account_columns.NetSalesColumn",
    "crm.account_columns.GrossProfitColumn",
    "satisfaction.columns.SatisfactionColumn",
    "satisfaction.columns.SentimentColumn",
    "lifecycle.columns.LoyaltyColumn",
    "crm.account_columns.LastTradeColumn",
    "segmentation.cadence.slots.VisitDueColumn",
    "crm.account_columns.OwnerColumn",
    "crm.account_columns.TerritoryColumn",
    "crm.profile.slots.CompletenessColumn",
]
CRM_ACCOUNT_FILTERS: list[str] = [
    "segmentation.filters.GradeFilter",
    "segmentation.filters.MovedFilter",
    "segmentation.cadence.slots.VisitDueFilter",
    "lifecycle.filters.StageFilter",
    "lifecycle.filters.StageBeforeFilter",
    "satisfaction.filters.SatisfactionClassFilter",
    "satisfaction.filters.SentimentFilter",
    "lifecycle.filters.LoyaltyFilter",
    "crm.decisions.panels.DecisionFilter",
    "crm.account_filters.TerritoryFilter",
    "crm.account_filters.OwnerFilter",
    "crm.account_filters.KindFilter",
    "crm.account_filters.CountryFilter",
    "crm.account_filters.RegionFilter",
    "crm.account_filters.IndustryFilter",
    "crm.profile.slots.GapsFilter",
]
CRM_HOME_CARDS: list[str] = [
    "segmentation.home_cards.AtRiskCard",
    "segmentation.home_cards.TiersCard",
    "crm.home_cards.RecentAccountsCard",
    "crm.home_cards.OpenComplaintsCard",
]
CRM_NAVIGATION: list[str] = [
    "crm.navigation.Home",
    "crm.navigation.Calendar",
    "crm.navigation.Accounts",
    "crm.navigation.Visits",
    "crm.navigation.Opportunities",
    "segmentation.navigation.TiersEntry",
    "segmentation.navigation.CoverageEntry",
    "lifecycle.navigation.LifecycleEntry",
    "satisfaction.navigation.SatisfactionEntry",
    "satisfaction.navigation.SentimentEntry",
    "segmentation.navigation.PoliciesEntry",
    "crm.navigation.People",
    "crm.navigation.PipelineStages",
    "crm.imports.navigation.ImportsEntry",
    "satisfaction.navigation.SentimentModelsEntry",
    "crm.navigation.RunsEntry",
]
# What a person should see to today (crm.panels.DaySource), most urgent kind first.
CRM_DAY_SOURCES: list[str] = [
    "crm.plan.day.PlannedVisitsSource",
    "crm.plan.day.NextStepsSource",
    "segmentation.cadence.slots.VisitsDueSource",
    "lifecycle.day.AtRiskSource",
    "crm.pipeline.slots.DecisionsDue",
    "crm.decisions.panels.DecisionAlerts",
    "crm.profile.day.ContractEnds",
    "crm.profile.day.Birthdays",
]
# What happened with an account (crm.panels.TimelineSource).
CRM_TIMELINE_SOURCES: list[str] = [
    "crm.trends.timeline.ObservationsOfAccount",
    "crm.pipeline.slots.OpportunitiesOfAccount",
    "crm.decisions.panels.StanceChanges",
]
