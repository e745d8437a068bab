"""What must be set before any test imports a library."""

import os

from hypothesis import settings

# Keras computes with Torch, on the CPU, whatever the machine has.
os.environ.setdefault("KERAS_BACKEND", "torch")

# Workers share the cores: the threads of each would wait, spinning, on a core that another needs.
# What is said here also holds in the processes that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# An example's time says nothing on a machine that others use too.
settings.register_profile("rnnviz", deadline=None)
settings.load_profile("rnnviz")
