"""Value matrix, 80/20, pyramid, relationship levels and key accounts."""
