"""Scores and forecast."""
