"""The standards."""
