"""Exact rates and intervals."""
