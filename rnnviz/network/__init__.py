"""Layers, models and random models."""
