"""A city pack: a folder of CSV, Excel and GeoJSON files describing one city; read and checked without a database."""
