"""Reports: one page about a model at work on data."""
