"""Interventions on a model while it reads: their types, validation, hooks and JSON."""
