"""A live module or a file to a Model."""
