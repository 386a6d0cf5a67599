"""Exchange with city-management platforms and hotlines."""
