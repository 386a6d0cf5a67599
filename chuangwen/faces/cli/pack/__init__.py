"""A city pack: a folder of CSV, Excel and GeoJSON files that describes one city; read and checked without a database."""
