"""The big sample city: a million cases with their history, written in bulk, always the same for one seed."""
