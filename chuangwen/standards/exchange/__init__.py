"""Trees of standards as office tables: read, check, load, write, and turn foreign tables into them."""
