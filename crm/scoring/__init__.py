"""Pure arithmetic shared by every app: arrays in, arrays out, no Django, no clock."""
