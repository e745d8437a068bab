"""The groups of choices of the pages."""
