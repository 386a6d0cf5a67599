"""Flow and step, history, clocks and notices."""
