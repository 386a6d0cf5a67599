"""OGC API Features: sites, areas and public cases for maps of other makers."""
