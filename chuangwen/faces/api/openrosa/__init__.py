"""OpenRosa: checklists as forms for phones of other makers."""
