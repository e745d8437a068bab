"""Text, numbers and tables, typed or in a file, read as a Sequence."""
