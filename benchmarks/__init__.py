"""What is measured, as commands: `python -m benchmarks player`."""
