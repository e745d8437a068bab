"""Interventions: what is held, silenced, set or changed while a model reads, and its effect."""
