"""Small tasks, a loop that trains any cell on them step by step, and the models trained here."""
