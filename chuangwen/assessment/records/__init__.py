"""Raw records of a real test, scored by a scheme that is data; no city and no database."""
