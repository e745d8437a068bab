"""What every room builds on: arrays, cells as data, sequences, diagrams of cells."""
