"""Files on record: what is taken, where it stands, who gets it."""
