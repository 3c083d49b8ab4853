"""A connectivity study as files: grids, tables, features, pictures, each with what it was made from."""
