"""A city pack: a folder of files describing one city; read and checked without a database."""
