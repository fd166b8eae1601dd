"""What a person has before them: my day, the route, the week, the calendar feed, the morning mail."""
