"""Writes docs/generated from the code: what a table in the code says is never said a second time by hand."""
