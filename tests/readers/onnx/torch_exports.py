"""Torch modules as files, by both of PyTorch's exporters."""

from __future__ import annotations

import io
import warnings
from contextlib import redirect_stdout
from typing import Any

import onnx
import torch

Axes = dict[int, str]
TIME_AND_BATCH = {0: "time", 1: "batch"}


def exported(
    module: Any,
    examples: tuple[Any, ...],
    axes: tuple[Axes, ...] | None = None,
    *,
    dynamo: bool = False,
    names: tuple[str, ...] = ("x",),
) -> Any:
    """The ModelProto of a module; axes that are named may have any length."""
    stream = io.BytesIO()
    options: dict[str, Any] = {}
    if axes is not None and dynamo:
        sizes = [{i: torch.export.Dim(name) for i, name in each.items()} for each in axes]
        options = {"dynamic_shapes": tuple(sizes)}
    elif axes is not None:
        options = {"dynamic_axes": dict(zip(names, axes, strict=True))}
    if dynamo:
        options["verbose"] = False
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), examples, stream, dynamo=dynamo, input_names=list(names), **options
        )
    return onnx.load_from_string(stream.getvalue())
