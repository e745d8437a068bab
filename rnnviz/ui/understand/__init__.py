"""Views of what a network has learned: one file a view, listed in `registry`."""
