"""Visits by the intervals of grades: where every account stands, proposals, moving them after a change, coverage."""
