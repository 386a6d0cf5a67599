"""Chuangwen (创文): software for running a city's civilised-city creation."""

__version__ = "0.1.0"
