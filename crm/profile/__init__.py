"""What is on record about a customer as a company: names, places, codes, relations, and what is still missing."""
