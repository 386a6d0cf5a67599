"""Files by content hash, with time and place, linked to any matter."""
