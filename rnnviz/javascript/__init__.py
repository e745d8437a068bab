"""JavaScript of the cells, generated from their own equations."""
