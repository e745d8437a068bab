"""Limits on the size of a model file and its content, checked before memory is allocated.

Files of recurrent weights are far smaller; a hostile file is refused within seconds.
"""

from __future__ import annotations

from collections.abc import Iterable

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.result import Source

MAX_FILE = 2_000_000_000
MAX_UNPACKED_BYTES = 2_000_000_000  # bytes of all tensors, or of all members of an archive
MAX_INFLATED = 200_000_000  # bytes of the compressed members alone, which cost the sender nothing
MAX_ARCHIVE_MEMBERS = 10_000
MAX_TENSORS = 10_000
MAX_MODULES = 1_000
MAX_PAIRS = 300_000
MAX_AXES = 8
MAX_PICKLE = 64_000_000  # bytes of one pickle
MAX_OPCODES = 500_000  # steps of one pickle; a tensor takes about 45
MAX_HEADER = 4_000_000  # bytes of a safetensors header, about 100 a tensor


def check_file(source: Source) -> None:
    """Raise ModelError for an empty file and above MAX_FILE bytes.

    >>> check_file(Source("model.pt", b"PK"))
    """
    if not source.data:
        raise ModelError("“{name}” is empty; choose a file with content.", name=shown(source.name))
    if len(source.data) > MAX_FILE:
        raise ModelError(
            "A model file may be {bound} bytes large, but “{name}” has {came}; save its recurrent"
            " layers alone.",
            bound=MAX_FILE,
            name=shown(source.name),
            came=len(source.data),
        )


def check_tensors(source: Source, sizes: Iterable[int]) -> None:
    """Raise ModelError for no tensor, more than MAX_TENSORS, or more bytes than such a file has.

    sizes  bytes of each tensor. Eight times the file's are its numbers widened, some of them twice;
           many names of one storage are more.

    >>> check_tensors(Source("model.pt", b""), [8, 8])
    """
    n_bytes = list(sizes)
    if not n_bytes:
        raise ModelError(
            "“{name}” should hold weights by name, but it holds none; save the model's weights,"
            ' in PyTorch with torch.save(model.state_dict(), "weights.pt").',
            name=shown(source.name),
        )
    bound = min(MAX_UNPACKED_BYTES, max(MAX_INFLATED, 8 * len(source.data)))
    if len(n_bytes) > MAX_TENSORS or sum(n_bytes) > bound:
        raise ModelError(
            "A model file may hold {n_bound} tensors of {bound} bytes together, but “{name}” holds"
            " {n_came} of {came}; save its recurrent layers alone.",
            n_bound=MAX_TENSORS,
            bound=bound,
            name=shown(source.name),
            n_came=len(n_bytes),
            came=sum(n_bytes),
        )


def check_module_count(count: int, n_others: int, source: str) -> None:
    """Raise ModelError for too many recurrent layers beside so many other arrays.

    >>> check_module_count(2, 10, "model.pt")
    """
    # Each other array is looked at for every layer.
    bound = min(MAX_MODULES, max(1, MAX_PAIRS // max(1, n_others)))
    if count > bound:
        raise ModelError(
            "A model file may hold {bound} recurrent layers beside {others} other arrays, but"
            " “{source}” holds {came}; save those that you want to see.",
            bound=bound,
            others=n_others,
            source=shown(source, 80),
            came=count,
        )
