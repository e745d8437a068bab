"""Globals of a checkpoint's pickle that have a meaning here, and what describes their values.

The names are those `torch.save` writes for tensors (`torch/_utils.py`, `torch/storage.py`), NumPy
for arrays (`numpy/_core/multiarray.py`) and joblib for theirs (`joblib/numpy_pickle.py`). Each
substitute takes constant time whatever its arguments. Other globals become inert stand-ins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.readers.number_types import STORAGE_DTYPES
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import Latin1Text, Storage, StoredTensor, TensorView, UnsupportedTensor
from rnnviz.readers.torch.harmful import AttributeAccess, harmful_global, is_harmful
from rnnviz.readers.torch.pickle_vm import Constructor
from rnnviz.readers.torch.pickled_numpy import NUMPY_GLOBALS
from rnnviz.readers.torch.quantised import rebuild_quantised
from rnnviz.readers.torch.stand_in import StandIn, UnknownGlobal, Unordered


@dataclass(frozen=True, eq=False)
class TorchDtype:
    """Number type of a storage or a tensor."""

    name: str


@dataclass(frozen=True, eq=False)
class KeyValuePairs:
    """OrderedDict as Python 2 pickled it: a list of [key, value]."""

    pairs: list[Any]


def persistent_load(saved: object) -> Storage | UnsupportedTensor | UnknownGlobal:
    """Storage of a persistent ID.

    ("storage", dtype, key, device, count), and in files before PyTorch 1.6 a view (key, start,
    length) of it or None; ("module", class, file, source) for a module's class. Raises TypeError
    or ValueError for another.

    >>> persistent_load(("storage", TorchDtype("float32"), "0", "cpu", 3)).size
    12
    """
    if not isinstance(saved, tuple):
        raise TypeError
    if saved[0] == "module" and isinstance(saved[1], UnknownGlobal):
        return saved[1]
    if saved[0] != "storage":
        raise TypeError
    _, dtype, key, _, count, view = saved if len(saved) == 6 else (*saved, None)
    start, length = (0, count) if view is None else view[1:]
    numbers = (count, start, length)
    if type(key) is not str or any(type(n) is not int or n < 0 for n in numbers):
        raise TypeError
    if start + length > count:
        raise ValueError
    if dtype.name not in STORAGE_DTYPES:
        return UnsupportedTensor(f"torch.{dtype.name}")
    return Storage(dtype.name, key, count, start, length)


def _rebuild_tensor(
    storage: Any, offset: Any, shape: Any, stride: Any, _grad: Any = False, _hooks: Any = None,
    metadata: Any = None,
) -> StoredTensor:  # fmt: skip
    return _rebuild_typed_tensor(storage, offset, shape, stride, None, None, None, metadata)


def _rebuild_typed_tensor(
    storage: Any, offset: Any, shape: Any, stride: Any, _grad: Any, _hooks: Any, dtype: Any,
    metadata: Any = None,
) -> StoredTensor:  # fmt: skip
    if isinstance(storage, UnsupportedTensor):
        return storage
    name = storage.dtype if dtype is None else dtype.name
    if metadata:
        return UnsupportedTensor("torch.neg")
    if name not in STORAGE_DTYPES:
        return UnsupportedTensor(f"torch.{name}")
    if type(offset) is not int or not isinstance(storage, Storage):
        raise TypeError
    return TensorView(name, storage, offset, shape, stride)


def _rebuild_from_type(constructor: Any, _type: Any, arguments: Any, _state: Any) -> object:
    if type(constructor) is not Constructor or constructor.build not in _REBUILDS:
        raise TypeError
    return constructor.build(*arguments)


def _latin1_text(text: Any, encoding: Any = "latin1") -> object:
    if type(text) is not str or encoding != "latin1":
        raise TypeError
    return Latin1Text(text)


def _ordered_dict(*pairs: Any) -> object:
    return KeyValuePairs(pairs[0]) if pairs and type(pairs[0]) is list else {}


def _counter(counts: Any = None, *_: object) -> object:
    return counts if type(counts) is dict else {}


def _sequence(items: Any = (), *_: object) -> object:
    return items if isinstance(items, list | tuple) else ()


def _reconstructed(kind: Any, _base: Any = None, state: Any = None) -> object:
    # Protocols 0 and 1 write an object as its class, a built-in base and the base's value.
    made = StandIn(kind.name if isinstance(kind, UnknownGlobal) else "")
    if type(state) is dict:
        made.entries = state
    return made


_REBUILDS = (_rebuild_tensor, _rebuild_typed_tensor, rebuild_quantised)


_STORAGES = {
    **{"Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16"},
    **{"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8"},
    **{"Bool": "bool", "Untyped": "uint8"},
    **{"ComplexDouble": "complex128", "ComplexFloat": "complex64"},
    **{"QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32"},
    **{"QUInt4x2": "quint4x2", "QUInt2x4": "quint2x4"},
}
_UNSUPPORTED_DTYPES = (
    *("complex32", "quint4x2", "quint2x4"),
    *("bits1x8", "bits2x4", "bits4x2", "bits8", "bits16", "float4_e2m1fn_x2"),
)
_UNSUPPORTED_REBUILDS = {
    "_rebuild_sparse_tensor": "torch.sparse",
    "_rebuild_sparse_csr_tensor": "torch.sparse",
    "_rebuild_nested_tensor": "torch.nested",
    "_rebuild_meta_tensor_no_storage": "meta",
}


def _unsupported(type_name: str) -> Constructor:
    return Constructor(lambda *_: UnsupportedTensor(type_name))


_PLAIN_CLASSES = (
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "int", "long", "object", "range"),
    *("slice", "str", "unicode", "xrange"),
)
_COLLECTIONS = {
    "list": _sequence,
    "tuple": _sequence,
    "set": lambda *_: Unordered(),
    "frozenset": lambda *_: Unordered(),
}
_IGNORED = Constructor(lambda *_: None)
ALLOWED_GLOBALS: dict[str, object] = {
    **{f"torch.{name}": TorchDtype(name) for name in (*STORAGE_DTYPES, *_UNSUPPORTED_DTYPES)},
    **{f"{module}.{name}Storage": TorchDtype(dtype) for name, dtype in _STORAGES.items()
       for module in ("torch", "torch.cuda", "torch.storage")},
    **{f"torch._utils.{name}": _unsupported(type_name)
       for name, type_name in _UNSUPPORTED_REBUILDS.items()},
    "torch._utils._rebuild_qtensor": Constructor(rebuild_quantised),
    "torch._utils._rebuild_device_tensor_from_numpy": Constructor(lambda array, *_: array),
    "torch._utils._rebuild_device_tensor_from_cpu_tensor": Constructor(lambda tensor, *_: tensor),
    "torch._utils._rebuild_tensor": Constructor(_rebuild_tensor),
    "torch._utils._rebuild_tensor_v2": Constructor(_rebuild_tensor),
    "torch._utils._rebuild_tensor_v3": Constructor(_rebuild_typed_tensor),
    "torch._utils._rebuild_parameter": Constructor(lambda tensor, *_: tensor),
    "torch._utils._rebuild_parameter_with_state": Constructor(lambda tensor, *_: tensor),
    "torch._tensor._rebuild_from_type_v2": Constructor(_rebuild_from_type),
    "torch.Size": Constructor(lambda sizes: sizes),
    **dict.fromkeys(
        ("torch.Tensor", "torch.nn.parameter.Parameter", "torch.device", "torch.per_tensor_affine",
         "torch.per_channel_affine", "torch.serialization._get_layout"),
        _IGNORED,
    ),
    "collections.OrderedDict": Constructor(_ordered_dict),
    "collections.defaultdict": Constructor(lambda *_: {}),
    "collections.Counter": Constructor(_counter),
    **{f"{module}.{name}": _IGNORED for module in ("builtins", "__builtin__")
       for name in _PLAIN_CLASSES},
    **{f"{module}.{name}": Constructor(build) for module in ("builtins", "__builtin__")
       for name, build in _COLLECTIONS.items()},
    **{f"{module}._reconstructor": Constructor(_reconstructed)
       for module in ("copyreg", "copy_reg")},
    "_codecs.encode": Constructor(_latin1_text),
    **NUMPY_GLOBALS,
}  # fmt: skip


class GlobalFinder:
    """Function from a global's dotted name to its substitute: inert for what is not known.

    substitutes  for further names.

    Raises ModelError for a name that pickles made to do harm call.

    >>> GlobalFinder(Source("a.pt", b""))("argparse.Namespace").name
    'argparse.Namespace'
    """

    def __init__(self, source: Source, substitutes: Mapping[str, object] = {}) -> None:
        self._source = source
        self._known = {**ALLOWED_GLOBALS, **substitutes}
        self._attributes = AttributeAccess(source)

    def __call__(self, name: str) -> object:
        """Substitute for a global. Raises ModelError for a harmful one."""
        if name in self._known:
            return self._known[name]
        if access := self._attributes.named(name):
            return access
        if is_harmful(name):
            raise harmful_global(self._source, name)
        return UnknownGlobal(name)

    def check_used(self) -> None:
        """Raise ModelError for a `getattr` that led to nothing, when all is read."""
        self._attributes.check_used()
