"""The pipeline: opportunities from inquiry to decision, what they are worth, and what past ones teach."""
