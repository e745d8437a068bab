"""A model file ▶ its recurrent stacks; the format by the content first, by the suffix second.

Signatures: ZIP, APPNOTE 4.3.7; HDF5, Format Specification III.A; safetensors, an eight-byte length
and a JSON object; PyTorch before 1.6, a pickle of its own magic number. ONNX has none.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import AssumptionWarning, ModelError
from rnnviz.network.model import Model
from rnnviz.readers.result import Answers, ImportResult, Source, check_answers
from rnnviz.readers.state_dict import import_arrays

MAX_MODEL_BYTES = 2**30
MAX_ZIP_MEMBERS = 100_000
_HDF5 = b"\x89HDF\r\n\x1a\n"
_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_ZIP = b"PK\x03\x04"
_ZIP_MEMBER = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member


def import_model(
    source: Source, answers: Answers = {}, names: Mapping[str, str] = {}
) -> tuple[ImportResult, ...]:
    """Every recurrent stack of a model file.

    answers  to the questions of an earlier call, by name.
    names    what arrays are whose names do not tell, {"W_f": "forget.x"}.

    Raises ModelError for a file that is empty, too large, of no known format or without recurrent
    layers; MappingNeeded where no name tells a recurrent layer; MissingLibraryError when its
    format needs a library that is not installed.

    >>> import numpy as np
    >>> stream = BytesIO()
    >>> np.savez(stream, **{"hidden.x": np.ones((2, 3)), "hidden.h": np.ones((2, 2))})
    >>> import_model(Source("model.npz", stream.getvalue()))[0].model.layers[0].title
    'rnn layer 0 forward'
    """
    _check_size(source.name, len(source.data))
    kind = _by_content(source.data) or _SUFFIXES.get(PurePath(source.name).suffix.lower(), "")
    if not kind:
        raise ModelError(
            "“{name}” should be a model file ending in {suffixes}, but its content is of none of"
            " these formats; save it as one.",
            name=shown(source.name),
            suffixes=" ".join(MODEL_SUFFIXES),
        )
    results = _read(kind, source, answers, names)
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
    result = results[0] if part is None else _part(file.name, part, results)
    _check_asked(result, answers or {})
    return result


def read_model(
    path: str | Path,
    part: str = "",
    *,
    names: Mapping[str, str] | None = None,
    bounded: bool | None = None,
    **answers: str,
) -> Model:
    """The model in a file: .pt .pth .bin .safetensors .onnx .keras .h5 .hdf5 .npz.

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
    result = read_result(path, answers, part, names, bounded)
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

    file = Path(path)
    source = Source(file.name, _bytes(file), file.parent)
    return file, import_model_bounded(source, answers, names, bounded)


def _bytes(path: Path) -> bytes:
    name = shown(path.name or path)
    if path.is_dir():
        raise ModelError(
            "A model file was expected, but “{name}” is a folder; choose a file in it.", name=name
        )
    if not path.is_file():
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


def _part(name: str, part: str, results: tuple[ImportResult, ...]) -> ImportResult:
    named = {result.name: result for result in results}
    if len(results) == 1 and not part:
        return results[0]
    if part and part in named:
        return named[part]
    raise ModelError(
        "“{name}” holds the recurrent stacks {names} and “{part}” is none of them; choose one,"
        ' as in read_model(path, part="{first}").',
        name=shown(name),
        names=shown(", ".join(f"“{each}”" for each in named), 200),
        part=shown(part),
        first=shown(results[-1].name, 80),
    )


def _check_asked(result: ImportResult, answers: Answers) -> None:
    asked = [question.name for question in result.questions]
    for name in answers:
        if name not in asked and name != "nan":
            raise ModelError(
                "This file leaves {asked} open, but an answer to “{name}” came; leave it out.",
                asked=", ".join(asked) or "nothing",
                name=shown(name),
            )


def _by_content(data: bytes) -> str:
    if data.startswith(_ZIP):
        return _by_members(data)
    if data.startswith(_HDF5):
        return "keras"
    if data.startswith(_LEGACY_TORCH):
        return "checkpoint"
    length = int.from_bytes(data[:8], "little")
    return "safetensors" if data[8:9] == b"{" and 2 <= length <= len(data) - 8 else ""


def _by_members(data: bytes) -> str:
    # Before the directory is read, which costs a kilobyte of memory per member.
    if data.count(_ZIP_MEMBER) > MAX_ZIP_MEMBERS:
        return ""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = {PurePath(name).name for name in archive.namelist()}
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if "data.pkl" in names:
        return "checkpoint"
    if "config.json" in names:
        return "keras"
    return "npz" if any(name.endswith(".npy") for name in names) else ""


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

        return onnx.import_onnx(source, answers)
    if kind == "keras":
        from rnnviz.readers import keras

        return keras.import_keras(source, answers)
    return import_arrays(_arrays(kind, source), answers, source=shown(source.name, 80), names=names)


def _arrays(kind: str, source: Source) -> Mapping[str, Array]:
    if kind == "npz":
        from rnnviz.readers import npz

        return npz.read_npz_weights(source)
    if kind == "safetensors":
        from rnnviz.readers import safetensors

        return safetensors.read_safetensors(source)
    from rnnviz.readers.torch import container

    return container.read_checkpoint(source)


_SUFFIXES = {
    ".pt": "checkpoint",
    ".pth": "checkpoint",
    ".bin": "checkpoint",
    ".safetensors": "safetensors",
    ".onnx": "onnx",
    ".keras": "keras",
    ".h5": "keras",
    ".hdf5": "keras",
    ".npz": "npz",
}
MODEL_SUFFIXES = tuple(_SUFFIXES)
