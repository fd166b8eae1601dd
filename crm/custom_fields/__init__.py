"""Further fields of accounts: kept on a page, filled in with the account, weighed by models above."""
