"""Competition, customer equity and how much retention is enough."""
