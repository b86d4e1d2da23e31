"""What leaves, what will leave and why: rows, tables, forecasts and explanations."""
