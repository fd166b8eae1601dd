"""How accounts rate us and our competitors: entry, and the reading of it."""
