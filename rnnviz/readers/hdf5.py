"""HDF5 files: arrays and attributes by path, read in a bounded process.

HDF5 is a C library: a damaged file can crash it, hang it or make it allocate any amount of memory,
and a well-formed one can name other files of this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from rnnviz.bounded.limits import no_new_files, reading_limits
from rnnviz.bounded.run import run_bounded
from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import MissingLibraryError, ModelError
from rnnviz.readers.hdf5_walk import MAX_DEPTH, MAX_OBJECTS, Refused, read_hdf5_arrays, warm_up
from rnnviz.readers.limits import check_file
from rnnviz.readers.number_types import to_numpy_dtype
from rnnviz.readers.result import Source

SIGNATURE = b"\x89HDF\r\n\x1a\n"
HDF5_MODULES = ("h5py",)


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
            "Reading HDF5, as Keras writes it, needs h5py, which is not installed; install it with:"
            " pip install h5py"
        )
    if not source.data.startswith(SIGNATURE):
        raise _damaged(source)
    return run_bounded(
        read_contents,
        Source(source.name, source.data),
        name=source.name,
        error=ModelError,
        limits=reading_limits(len(source.data)),
        modules=HDF5_MODULES,
    )


def read_contents(source: Source) -> HDF5Contents:
    """Contents of an HDF5 file, read in this process."""
    warm_up()
    try:
        with no_new_files():
            arrays, attributes, groups = read_hdf5_arrays(source.data)
    except Refused as refused:
        raise _refused(source, *refused.args) from refused
    except MemoryError:
        raise
    # Whatever h5py raises for a file that is not as its format says.
    except Exception as error:
        raise _damaged(source) from error
    named = {path.lstrip("/"): of_path for path, of_path in attributes.items()}
    stored = {path.lstrip("/"): array for path, array in arrays.items()}
    return HDF5Contents(
        {path: _numbers(array, named.get(path, {})) for path, array in stored.items()},
        named,
        tuple(path.lstrip("/") for path in groups),
    )


def _numbers(array: Array, attributes: Mapping[str, Any]) -> Array:
    dtype = attributes.get("dtype", "")
    if dtype == "bfloat16" and array.dtype.itemsize == 2:
        return to_numpy_dtype(array.view("<u2"), dtype)
    return np.asarray(array).astype(array.dtype.newbyteorder("="), copy=False)


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
        objects=MAX_OBJECTS,
        depth=MAX_DEPTH,
    )
