"""Every case of every door."""

from __future__ import annotations

from tests.doors import keras_files, live_modules, onnx_files, sequences, torch_files  # noqa: F401
from tests.doors.case import CASES

__all__ = ["CASES"]
