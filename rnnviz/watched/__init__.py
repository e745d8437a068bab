"""A running model's recurrent layers, watched while its own code calls it."""
