"""Doors for other programs: Open311, OpenRosa, OGC API Features, city-management exchange, our own API."""
