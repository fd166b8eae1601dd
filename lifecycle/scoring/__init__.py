"""Pure arithmetic of stage and loyalty: arrays in, arrays out, no Django, no clock."""
