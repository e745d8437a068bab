"""PyTorch files and modules."""
