"""A day in the street without network: what a phone takes along, and what it sends when it is back."""
