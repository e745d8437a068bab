"""HDF5 files: arrays and attributes by path, read in a bounded child process.

HDF5 is a C library: a damaged file can crash it, hang it or make it allocate any amount of memory,
and a well-formed one can name other files of this machine. `hdf5_child` reads the file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from math import prod
from pathlib import Path
from threading import Timer
from typing import IO, Any, cast

import numpy as np

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers import hdf5_child
from rnnviz.readers.limits import check_file
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import to_numpy_dtype

SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Plugins are code from a folder; one thread, since a thread's stack counts as memory.
_ENVIRONMENT = {"HDF5_PLUGIN_PRELOAD": "::", "OPENBLAS_NUM_THREADS": "1"}
_MAX_LINE = 60_000_000


@dataclass(frozen=True, eq=False)
class HDF5Contents:
    """Contents of an HDF5 file by path from its root: "layers/lstm/cell/vars/0".

    arrays      numeric datasets, in the order in which they were written.
    attributes  by path ("" for the root) and name: a text, or a list of texts.
    groups      those of arrays and those of nothing, in the order in which they were finished.
    """

    arrays: Mapping[str, Array]
    attributes: Mapping[str, Mapping[str, Any]]
    groups: tuple[str, ...] = ()


def read_hdf5(source: Source) -> HDF5Contents:
    """Numeric arrays of an HDF5 file, without the optimizer's, and Keras' attributes.

    Links, external storage and virtual datasets are refused: no other file is opened.

    Raises ModelError for a damaged, hostile or too large file; MissingLibraryError without h5py.

    >>> read_hdf5(Source("model.h5", b"not HDF5"))
    Traceback (most recent call last):
    rnnviz.errors.ModelError: “model.h5” should be a complete HDF5 file, but it is damaged or cut \
off; copy or save it again.
    """
    check_file(source)
    if find_spec("h5py") is None:
        raise MissingLibraryError(
            "Reading a Keras model needs h5py, which is not installed; install it with:"
            " pip install h5py"
        )
    if not source.data.startswith(SIGNATURE):
        raise _damaged(source)
    with _start_child() as process:
        # The child limits its own CPU time where the system allows it; this timer works everywhere.
        timer = Timer(10 + len(source.data) / 10_000_000, process.kill)
        timer.start()
        try:
            return _exchange(source, process)
        finally:
            timer.cancel()
            process.kill()


def _start_child() -> subprocess.Popen[bytes]:
    # -P: the script's folder has modules named like the standard library's and like Keras.
    return subprocess.Popen(
        [sys.executable, "-P", str(Path(hdf5_child.__file__))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **_ENVIRONMENT},
    )


def _exchange(source: Source, process: subprocess.Popen[bytes]) -> HDF5Contents:
    stdin, stdout = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    with suppress(BrokenPipeError):
        stdin.write(source.data)
        stdin.close()
    try:
        described = json.loads(stdout.readline(_MAX_LINE))
    except ValueError as error:
        # The child crashed or was stopped at one of its limits.
        raise _damaged(source) from error
    if "refused" in described:
        raise _refused(source, *described["refused"])
    attributes = {path.lstrip("/"): named for path, named in described["attributes"].items()}
    arrays = {}
    for path, dtype, shape in described["arrays"]:
        name = path.lstrip("/")
        keras_dtype = attributes.get(name, {}).get("dtype", "")
        arrays[name] = _read_array(source, stdout, np.dtype(dtype), shape, keras_dtype)
    groups = tuple(path.lstrip("/") for path in described["groups"])
    return HDF5Contents(arrays, attributes, groups)


def _read_array(
    source: Source, stream: IO[bytes], dtype: np.dtype[Any], shape: list[int], keras_dtype: str
) -> Array:
    size = prod(shape) * dtype.itemsize
    data = stream.read(size)
    if len(data) != size:
        raise _damaged(source)
    array = np.frombuffer(data, dtype).reshape(shape)
    if keras_dtype == "bfloat16" and dtype.itemsize == 2:
        return to_numpy_dtype(array.view("<u2"), keras_dtype)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _damaged(source: Source) -> ModelError:
    return ModelError(
        "“{name}” should be a complete HDF5 file, but it is damaged or cut off; copy or save it"
        " again.",
        name=shown(source.name),
    )


def _refused(source: Source, kind: str, path: str) -> ModelError:
    name, path = shown(source.name), shown(path, 80)
    if kind in ("link", "outside", "twice"):
        return ModelError(
            "An HDF5 file should hold each of its weights itself and once, but “{path}” of “{name}”"
            " is a link, lies in another file or comes twice; save the model again with Keras.",
            name=name,
            path=path,
        )
    if kind == "large":
        return ModelError(
            "“{path}” of “{name}” declares more numbers than the file of {size} bytes holds; save"
            " the model again with Keras.",
            name=name,
            path=path,
            size=len(source.data),
        )
    return ModelError(
        "An HDF5 file may hold {objects} groups and arrays, {depth} levels deep, and short texts,"
        " but “{name}” holds more at “{path}”; save the recurrent layers alone.",
        name=name,
        path=path,
        objects=hdf5_child.MAX_OBJECTS,
        depth=hdf5_child.MAX_DEPTH,
    )
