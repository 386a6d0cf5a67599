"""Demo life: half a year of a city's work simulated from a seed number through the real actions, so no
page is empty.
"""
