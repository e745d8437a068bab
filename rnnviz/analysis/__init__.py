"""A trace to small labelled arrays: what to show."""
