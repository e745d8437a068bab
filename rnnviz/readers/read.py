"""A model file ▶ its recurrent stacks, whatever its format."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import AssumptionWarning, ModelError
from rnnviz.network.model import Model
from rnnviz.readers.formats import PROGRAM_FILE, format_of, program_error
from rnnviz.readers.named_arrays import NamedArrays, read_named_arrays, with_dequantised
from rnnviz.readers.parts import check_asked, only_part, part_of
from rnnviz.readers.result import Answers, ImportResult, Source, check_answers
from rnnviz.readers.second_entries import with_question, with_second_entries
from rnnviz.readers.settings import settings_beside
from rnnviz.readers.state_dict import import_arrays
from rnnviz.readers.told import with_told
from rnnviz.readers.vocabulary import with_vocabulary
from rnnviz.readers.vocabulary_files import vocabularies_beside

MAX_MODEL_BYTES = 2**30
# An archive in an archive, as in `model.tar.gz`.
_MAX_PACKED = 3


def import_model(
    source: Source, answers: Answers = {}, names: Mapping[str, str] = {}
) -> tuple[ImportResult, ...]:
    """Every recurrent stack of a model file.

    answers  to the questions of an earlier call, by name.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}.

    Raises ModelError for a file that is empty, too large, of no known format or without recurrent
    layers; MappingNeeded where no name tells a recurrent layer; MissingLibraryError when its
    format needs a library that is not installed.

    >>> import io, numpy as np
    >>> stream = io.BytesIO()
    >>> np.savez(stream, **{"hidden.x": np.ones((2, 3)), "hidden.h": np.ones((2, 2))})
    >>> import_model(Source("model.npz", stream.getvalue()))[0].model.layers[0].title
    'rnn layer 0 forward'
    """
    _check_size(source.name, len(source.data))
    inner, kind = _unpacked(source)
    results = _read(kind, inner, answers, names)
    check_answers(results, answers)
    parts = tuple(result.name for result in results)
    return tuple(replace(result, parts=parts, answers=answers) for result in results)


def read_result(
    path: str | Path,
    answers: Answers | None = None,
    part: str | None = None,
    names: Mapping[str, str] | None = None,
    bounded: bool | None = None,
) -> ImportResult:
    """A recurrent stack of a model file, before any framework has run it.

    answers  to the result's questions, `{"activation": "relu"}`; what is not answered is taken as
             is likely.
    part     which recurrent stack, by its name, where the file holds several; the first by default.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}.
    bounded  True to read it in a process of its own with limits on time and memory, False to read
             it here, None for the first unless it is small and not packed.

    Raises ModelError for a file that is missing or cannot be read as a model, for an unknown part
    and for an answer that is no option; MissingLibraryError when its format needs a library that
    is not installed.
    """
    file, results = _results(path, answers or {}, names or {}, bounded)
    result = results[0] if part is None else part_of(results, part, file.name)
    check_asked([result], answers or {})
    return result


def read_model(
    path: str | Path,
    part: str | None = None,
    *,
    names: Mapping[str, str] | None = None,
    bounded: bool | None = None,
    **answers: str,
) -> Model:
    """The model in a file of PyTorch, safetensors, ONNX, Keras or NumPy.

    path     it ends in one of `rnnviz.readers.formats.MODEL_SUFFIXES`; what lies beside it, the
             other shards or a vocabulary, is read as well.
    part     which recurrent stack, by its name, where the file holds several.
    names    what arrays are whose names do not tell: {"W_f": "forget.x", "U_f": "forget.h", …}; all
             gates stacked are "input|forget|candidate|output.x", a matrix over [x, h] "forget.xh",
             one stored (input, unit) "forget.x.T", another level "layer 1 forget.x".
    answers  to what the file does not say: `activation="relu"`, `readout="none"`, …; what is not
             answered is taken as is likely, with one AssumptionWarning. `open_model` tells what
             is asked.
    bounded  True to read it in a process of its own with limits on time and memory, False to read
             it here, None for the first unless it is small and not packed.

    Raises ModelError for a file that is missing or cannot be read as a model, for several stacks
    without a part and for an answer that is no option; MappingNeeded, a ModelError, where no name
    tells a recurrent layer; MissingLibraryError when its format needs a library that is not
    installed.

    >>> import numpy as np, os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "model.npz")
    >>> np.savez(path, first=np.ones((5, 4)), second=np.ones((5, 5)))
    >>> names = {"first": "hidden.x", "second": "hidden.h"}
    >>> read_model(path, names=names, activation="tanh").layers[0].title
    'rnn layer 0 forward'
    >>> folder.cleanup()
    """
    file, results = _results(path, answers, names or {}, bounded)
    if part is None:
        check_asked(results, answers)
    result = only_part(results, file.name) if part is None else part_of(results, part, file.name)
    check_asked([result], answers)
    if result.assumptions:
        warnings.warn(_warning(result), AssumptionWarning, stacklevel=2)
    return result.model


def _warning(result: ImportResult) -> str:
    return (
        f"{shown(result.model.source, 80)} does not say all that this reading takes:"
        f" {'; '.join(map(str, result.assumptions))};"
        " rnnviz.open_model tells what is asked and how to answer."
    )


def _results(
    path: str | Path, answers: Answers, names: Mapping[str, str], bounded: bool | None
) -> tuple[Path, tuple[ImportResult, ...]]:
    # It imports this module, whose function it runs.
    from rnnviz.readers.bounded_import import import_model_bounded

    if not isinstance(path, str | os.PathLike):
        raise ModelError(
            "The path of a model file is a text or a Path, but {came} came.",
            came=type(path).__name__,
        )
    if not isinstance(answers, Mapping):
        raise ModelError(
            'answers is a dictionary by question, as {{"activation": "relu"}}, but {came} came.',
            came=type(answers).__name__,
        )
    if not isinstance(names, Mapping):
        raise ModelError(
            'names is a dictionary of arrays, as {{"W_f": "forget.x"}}, but {came} came.',
            came=type(names).__name__,
        )
    file = Path(path)
    # A process that reads it may have been started in another folder.
    source = Source(file.name, _bytes(file), file.parent.absolute())
    return file, import_model_bounded(source, _texts(answers), _texts(names), bounded)


def _texts(given: Mapping[Any, Any]) -> dict[str, str]:
    """Answers as texts: any other value is then refused as an option that does not exist."""
    return {str(name): str(value) for name, value in given.items()}


def _bytes(path: Path) -> bytes:
    name = shown(path.name or path)
    # Path.is_dir raises for names that are too long.
    if os.path.isdir(path):  # noqa: PTH112
        if (path / PROGRAM_FILE).is_file():
            raise program_error(name, "saved_model")
        raise ModelError(
            "A model file was expected, but “{name}” is a folder; choose a file in it.", name=name
        )
    if not os.path.isfile(path):  # noqa: PTH113
        raise ModelError(
            "“{name}” should be a model file, but there is none; check the path.", name=name
        )
    _check_size(path.name, path.stat().st_size)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(
            "The model file “{name}” cannot be read ({reason}); check its permissions.",
            name=name,
            reason=type(error).__name__,
        ) from error


def _check_size(name: str, size: int) -> None:
    if not size:
        raise ModelError("The model file “{name}” is empty; save it again.", name=shown(name))
    if size > MAX_MODEL_BYTES:
        raise ModelError(
            "A model file may be {bound} bytes large, but “{name}” has {came};"
            " save the recurrent layers alone.",
            bound=MAX_MODEL_BYTES,
            name=shown(name),
            came=size,
        )


def _unpacked(source: Source) -> tuple[Source, str]:
    """The model file itself and its format, out of the archives that hold it."""
    for _ in range(_MAX_PACKED):
        kind = format_of(source)
        if kind not in ("zip", "tar", "gzip"):
            return source, kind
        from rnnviz.readers.packed import unpacked_file

        source = unpacked_file(kind, source)
    raise ModelError(
        "“{name}” should hold a model file, but it holds archives inside archives; unpack them.",
        name=shown(source.name),
    )


def _read(
    kind: str, source: Source, answers: Answers, names: Mapping[str, str]
) -> tuple[ImportResult, ...]:
    if names and kind in ("onnx", "keras"):
        raise ModelError(
            "names={{…}} is for files of named arrays, but “{name}” tells its layers itself;"
            " leave it out.",
            name=shown(source.name),
        )
    if kind == "onnx":
        from rnnviz.readers import onnx

        found, results = NamedArrays({}), onnx.import_onnx(source, answers)
    elif kind == "keras":
        from rnnviz.readers import keras

        found, results = NamedArrays({}), keras.import_keras(source, answers)
    else:
        found, asked = with_second_entries(read_named_arrays(kind, source), answers)
        title = shown(source.name, 80)
        settings = (*found.settings, *settings_beside(source))
        read = partial(import_arrays, found.arrays, source=title, names=names, settings=settings)
        results = with_dequantised(with_told(read, found.told, answers), found.quantised)
        results = tuple(with_question(result, found, asked) for result in results)
    vocabularies = (*found.vocabularies, *vocabularies_beside(source))
    return tuple(with_vocabulary(result, vocabularies, answers) for result in results)
