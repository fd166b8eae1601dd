"""Duplicates: found, merged into one account, and taken apart again."""
