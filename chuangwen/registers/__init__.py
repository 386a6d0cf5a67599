"""Registers: things at places, counted records, facts with source and date."""
