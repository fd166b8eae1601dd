"""Pure arithmetic of grades, pyramid and movement: arrays in, arrays out, no Django, no clock."""
