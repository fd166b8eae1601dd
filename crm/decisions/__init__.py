"""How an account is organised and how it decides: the structure, the decision map, its measures and alerts."""
