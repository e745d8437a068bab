"""The groups of choices in the sidebar."""
