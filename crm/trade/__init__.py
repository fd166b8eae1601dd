"""The trade history of an account: months, families, years, waterfall, bridge and rhythm."""
