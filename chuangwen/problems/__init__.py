"""Reports and cases: the closed problem loop."""
