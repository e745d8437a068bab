"""Foundations of every room: arrays, cells as data, sequences, diagrams of cells."""
