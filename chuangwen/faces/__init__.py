"""Faces: pages composed from the domains; no models."""
