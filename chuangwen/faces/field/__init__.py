"""Phone-width pages for people in the street."""
