"""Lists, pages and forms from one declaration; tables in and out."""
