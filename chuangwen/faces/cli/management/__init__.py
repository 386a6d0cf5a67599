"""The city's own commands."""
