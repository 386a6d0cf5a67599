"""Commands of the wall."""
