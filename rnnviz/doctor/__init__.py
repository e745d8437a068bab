"""Two models that should be the same: where they part, how it grows, and why."""
