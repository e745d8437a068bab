"""Two models, opened from whatever they came as, and the numbers that their lowest layers read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.core.checks import shown
from rnnviz.core.sequence import Sequence
from rnnviz.engine.api import sequence_for_model
from rnnviz.engine.model_inputs import encode_for_model
from rnnviz.errors import InputError, ModelError
from rnnviz.inputs.probe import probe_signal
from rnnviz.network.model import Model
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.parts import only_part
from rnnviz.readers.read import read_result
from rnnviz.readers.result import ImportResult
from rnnviz.readers.torch.layers import is_module

_STEPS = 32  # of noise, where no sequence is given


@dataclass(frozen=True, eq=False)
class ReadModel:
    """A model and what its lowest layers read, (time, batch, input).

    name     in sentences.
    assumed  without evidence when it was opened.
    """

    name: str
    model: Model
    sequence: Sequence
    assumed: tuple[Assumption, ...] = ()


def read_both(
    one: Any, other: Any, sequence: Any = None, names: Iterable[str] = (), path: str = ""
) -> tuple[ReadModel, ReadModel]:
    """Two models, each with the numbers that it reads; by default noise.

    Beside a live module the other model reads what reached the module's recurrent layer.

    Raises InputError for names that are not two, ModelError for what is no model, and as
    `read_model` and `trace` do.
    """
    both = tuple(zip(_two_names(names, one, other), (one, other), strict=True))
    if not isinstance(path, str):
        raise InputError(
            'path should be a layer\'s path, as in path="encoder.rnn", but {came} came.',
            came=shown(path),
        )
    live = {}
    # A loop and no comprehension, which is a frame more in Python 3.11, for the warning's line.
    for name, each in both:
        if is_module(each):
            live[name] = _live_reading(name, each, sequence, path)
    reached = next((reading.sequence for reading in live.values()), None)
    first, second = (
        live[name] if name in live else _reading(name, _opened(each), sequence, reached)
        for name, each in both
    )
    return first, second


def _two_names(names: Any, one: Any, other: Any) -> tuple[str, ...]:
    try:
        given = [names] if isinstance(names, str | bytes) else list(islice(names, 3))
    except TypeError:
        given = [names]
    chosen = tuple(map(shown, given)) or _default_names(one, other)
    if len(chosen) != 2 or len(set(chosen)) != 2 or not all(each.strip() for each in chosen):
        raise InputError(
            'Two models need two names, as in names=("file", "module"), but {came} came.',
            came=shown(", ".join(chosen)) or "none",
        )
    return chosen


def _default_names(a: Any, b: Any) -> tuple[str, str]:
    files = [each if isinstance(each, str | os.PathLike) else None for each in (a, b)]
    one, other = (shown(Path(file).name) if file is not None else "" for file in files)
    names = (one or "a", other or "b")
    return names if names[0] != names[1] else ("a", "b")


def _opened(model: Any) -> ImportResult:
    """The model that was given, opened.

    Raises ModelError for anything else than a model or a file's path.
    """
    if isinstance(model, ImportResult):
        return model
    if isinstance(model, Model):
        return ImportResult("", model)
    if isinstance(model, str | os.PathLike):
        result = read_result(Path(model))
        # Of several stacks one is to be chosen: this raises the sentence that tells how.
        if len(result.parts) > 1:
            only_part([replace(result, name=part) for part in result.parts], Path(model).name)
        return result
    raise ModelError(
        "A Model, a model file's path or a live torch module can be compared, but {came} came; open"
        " it with rnnviz.read_model, or save it to a file.",
        came=shown(type(model).__name__),
    )


def _reading(name: str, result: ImportResult, given: Any, reached: Sequence | None) -> ReadModel:
    """A model with what is given in its own encoding, or with what reached a module's layer."""
    model = result.model
    if reached is not None:
        return ReadModel(name, model, reached, result.assumptions)
    sequence = encode_for_model(
        model, _noise(model) if given is None else sequence_for_model(given, model)
    )
    return ReadModel(name, model, _as_numbers(sequence), result.assumptions)


def _noise(model: Model) -> Sequence:
    if model.embedding is None:
        return probe_signal("noise", model.n_inputs, n_steps=_STEPS, seed=1)
    ids = np.random.default_rng(1).integers(len(model.embedding), size=_STEPS)
    return sequence_for_model(ids, model)


def _live_reading(name: str, module: Any, given: Any, path: str) -> ReadModel:
    """A module's recurrent layers and what reached them, held against what the module gave."""
    from rnnviz.engine.live import trace_live
    from rnnviz.readers.torch.live_arguments import Given
    from rnnviz.readers.torch.live_run import run_live

    if given is None:
        given = _noise_for(module)
    run = run_live(module, Given(given, path))
    trace_live(run, stacklevel=4)
    return ReadModel(name, run.model, _as_numbers(run.sequence), run.assumed)


def _noise_for(module: Any) -> Sequence:
    size = getattr(module, "input_size", None)
    if not isinstance(size, int):
        raise InputError(
            "A live module runs on what it is given, but nothing came; give what the module takes,"
            " as in rnnviz.diff(file, module, x)."
        )
    return probe_signal("noise", size, n_steps=_STEPS, seed=1)


def _as_numbers(sequence: Sequence) -> Sequence:
    """A sequence of numbers that no vocabulary reads again."""
    return replace(sequence, encoding="values")
