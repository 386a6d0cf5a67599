"""What every domain shares, and no word of any domain."""
