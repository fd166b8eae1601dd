"""Pure arithmetic of customer satisfaction: arrays in, arrays out, no Django, no clock."""
