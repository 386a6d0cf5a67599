"""Open311 GeoReport v2: other programs report problems and read what became of them."""
