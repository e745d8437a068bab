"""PyTorch's .pt, .pth, .bin and .ckpt ▶ arrays by name, without PyTorch and without running any.

`torch.save` writes a ZIP archive since PyTorch 1.6 and several pickles in a row before
(`torch/serialization.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rnnviz.core.arrays import Array
from rnnviz.readers.limits import MAX_PICKLE, check_file, check_tensors
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Leaf, Packed, checked_size
from rnnviz.readers.torch.checkpoint_layout import leaves, stripped
from rnnviz.readers.torch.container import zipped
from rnnviz.readers.torch.pickle_vm import too_long
from rnnviz.readers.torch_legacy import legacy


def arrays(source: Source) -> Mapping[str, Array]:
    """The state dict's tensors by dotted name; float64 stays, narrower floats become float32.

    Taken are a state dict, one kept beside other things under `state_dict`, `model` or the like,
    and NumPy arrays by name. `module.` and `_orig_mod.` are left out of the names. Raises
    ModelError for anything else, and before memory is taken for it.

    >>> import io, torch
    >>> stream = io.BytesIO()
    >>> torch.save({"rnn.bias": torch.tensor([0.5, 1.0])}, stream)
    >>> arrays(Source("model.pt", stream.getvalue()))
    {'rnn.bias': array([0.5, 1. ], dtype=float32)}
    """
    check_file(source)
    saved = (zipped if source.data.startswith(b"PK") else legacy)(source)
    found = leaves(saved.root)
    check_tensors(source, [checked_size(source, name, leaf) for name, leaf in found.items()])
    _check_packed(source, found.values())
    return stripped({name: saved.array(source, leaf) for name, leaf in found.items()})


def _check_packed(source: Source, found: Iterable[Leaf]) -> None:
    # Arrays that lie in the pickle are not larger than it, unless they take one part many times.
    if sum(leaf.size for leaf in found if isinstance(leaf, Packed)) > MAX_PICKLE:
        raise too_long(source)
