"""Work between colleagues: tasks and comments."""
