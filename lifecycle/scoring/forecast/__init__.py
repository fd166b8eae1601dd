"""Purchase forecast (models.md section 9): how often a customer will buy, and for how much."""
