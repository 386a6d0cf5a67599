"""Pages for everybody: report, follow, see what was done; no account."""
