"""Where the customer base moves: between any two dates, month by month, and on paper for the meeting."""
