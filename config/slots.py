"""What each app contributes to crm's pages. The order here is the order on the page."""

CRM_ACCOUNT_PANELS: list[str] = []
CRM_ACCOUNT_COLUMNS: list[str] = []
CRM_ACCOUNT_FILTERS: list[str] = []
CRM_HOME_CARDS: list[str] = []
CRM_NAVIGATION: list[str] = []
