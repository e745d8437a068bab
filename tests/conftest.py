"""What must be set before any test imports a library."""

import os

from hypothesis import settings

# Keras computes with Torch, on the CPU, whatever the machine has.
os.environ.setdefault("KERAS_BACKEND", "torch")

# An example's time says nothing on a machine that others use too.
settings.register_profile("rnnviz", deadline=None)
settings.load_profile("rnnviz")
