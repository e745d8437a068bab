"""Drawings of cells: layout, shapes, symbols, style."""
