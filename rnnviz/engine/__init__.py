"""Runs a model over a sequence and keeps every signal."""
