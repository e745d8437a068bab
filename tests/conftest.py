"""What must be set before any test imports a library."""

import os

# Keras computes with Torch, on the CPU, whatever the machine has.
os.environ.setdefault("KERAS_BACKEND", "torch")
