"""Measurements: real web processes under bounded load on a big city, beside the floors of the same run and
the budget.
"""
