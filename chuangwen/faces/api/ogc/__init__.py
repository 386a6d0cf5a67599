"""OGC API – Features Part 1 (OGC 17-069r4): sites, areas and cases for map programs, read only."""
