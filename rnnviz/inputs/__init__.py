"""Readers of text, numbers and tables, typed or in a file, as a Sequence."""
