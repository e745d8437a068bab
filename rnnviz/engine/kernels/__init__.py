"""Faster ways to the numbers that the stepped engine computes; `choose` says which is taken."""
