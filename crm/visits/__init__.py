"""Visits: logging them, here or on a phone without network, and what the form needs to know."""
