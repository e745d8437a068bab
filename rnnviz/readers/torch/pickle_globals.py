"""What a checkpoint's pickle may name, and what stands for it: descriptions, nothing that acts.

The names are those `torch.save` writes for tensors (`torch/_utils.py`, `torch/storage.py`) and
NumPy for arrays (`numpy/_core/multiarray.py`). Each takes constant time whatever its arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rnnviz.readers.narrow import STORED, Order
from rnnviz.readers.tensors import Leaf, Packed, Special, Storage, Tensor, Text
from rnnviz.readers.torch.pickle_vm import Maker


@dataclass(frozen=True, eq=False)
class Kind:
    """A number type: of a storage, of a tensor."""

    name: str


@dataclass(frozen=True, eq=False)
class Pairs:
    """An OrderedDict as Python 2 wrote it: a list of [key, value]."""

    pairs: list[Any]


class NumpyType:
    """`numpy.dtype`: its code, and its byte order, which comes later."""

    def __init__(self, code: Any, *_: object) -> None:
        self.code = code if isinstance(code, str) else ""
        self.order: Order = "<"

    def build(self, state: Any) -> None:
        """The byte order out of (version, order, …)."""
        if state[1] == ">":
            self.order = ">"


class NumpyArray:
    """`numpy.ndarray`, described by the state that comes after it."""

    def __init__(self, *_: object) -> None:
        self.leaf: Leaf | None = None

    def build(self, state: Any) -> None:
        """(version, shape, dtype, by column, data)."""
        _, shape, dtype, by_column, data = state
        self.leaf = _packed(dtype, shape, by_column, data)


def storage(saved: object) -> Storage | Special:
    """The storage that a persistent ID names.

    ("storage", kind, key, device, count), and in files before PyTorch 1.6 a view (key, start,
    length) of it or None. Raises TypeError or ValueError for another.

    >>> storage(("storage", Kind("float32"), "0", "cpu", 3)).size
    12
    """
    if not isinstance(saved, tuple) or saved[0] != "storage":
        raise TypeError
    _, kind, key, _, count, view = saved if len(saved) == 6 else (*saved, None)
    start, length = (0, count) if view is None else view[1:]
    numbers = (count, start, length)
    if type(key) is not str or any(type(n) is not int or n < 0 for n in numbers):
        raise TypeError
    if start + length > count:
        raise ValueError
    if kind.name not in STORED:
        return Special(f"torch.{kind.name}")
    return Storage(kind.name, key, count, start, length)


def _dense(
    kept: Any, offset: Any, shape: Any, stride: Any, _grad: Any = False, _hooks: Any = None,
    metadata: Any = None,
) -> Leaf:  # fmt: skip
    return _typed(kept, offset, shape, stride, None, None, None, metadata)


def _typed(
    kept: Any, offset: Any, shape: Any, stride: Any, _grad: Any, _hooks: Any, kind: Any,
    metadata: Any = None,
) -> Leaf:  # fmt: skip
    if isinstance(kept, Special):
        return kept
    name = kept.kind if kind is None else kind.name
    if metadata:
        return Special("torch.neg")
    if name not in STORED:
        return Special(f"torch.{name}")
    if type(offset) is not int or not isinstance(kept, Storage):
        raise TypeError
    return Tensor(name, kept, offset, shape, stride)


def _with_attributes(maker: Any, _kind: Any, arguments: Any, _state: Any) -> object:
    if type(maker) is not Maker or maker.make not in _TENSORS:
        raise TypeError
    return maker.make(*arguments)


def _packed(dtype: Any, shape: Any, by_column: Any, data: Any) -> Leaf | None:
    if not isinstance(dtype, NumpyType) or not isinstance(data, Text | bytes | bytearray | str):
        return None
    if dtype.code.startswith("c"):
        return Special(f"numpy.{dtype.code}")
    kind = _NUMPY_KINDS.get(dtype.code)
    # An array of texts or dates holds no weights.
    return Packed(kind, dtype.order, shape, bool(by_column), data) if kind else None


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> Leaf | None:
    return _packed(dtype, shape, order == "F", data)


def _text(text: Any, encoding: Any = "latin1") -> object:
    if type(text) is not str or encoding != "latin1":
        raise TypeError
    return Text(text)


def _ordered(*pairs: Any) -> object:
    return Pairs(pairs[0]) if pairs and type(pairs[0]) is list else {}


_TENSORS = (_dense, _typed)
_NUMPY_KINDS = {
    **{"b1": "bool", "f2": "float16", "f4": "float32", "f8": "float64"},
    **{
        f"{sign}{n}": f"{kind}{8 * n}"
        for sign, kind in (("i", "int"), ("u", "uint"))
        for n in (1, 2, 4, 8)
    },
}
_STORAGES = {
    **{"Double": "float64", "Float": "float32", "Half": "float16", "BFloat16": "bfloat16"},
    **{"Long": "int64", "Int": "int32", "Short": "int16", "Char": "int8", "Byte": "uint8"},
    **{"Bool": "bool", "Untyped": "uint8"},
    **{"ComplexDouble": "complex128", "ComplexFloat": "complex64"},
    **{"QInt8": "qint8", "QUInt8": "quint8", "QInt32": "qint32"},
    **{"QUInt4x2": "quint4x2", "QUInt2x4": "quint2x4"},
}
_OTHER_KINDS = (
    *("complex32", "complex64", "complex128", "qint8", "quint8", "qint32", "quint4x2", "quint2x4"),
    *("bits1x8", "bits2x4", "bits4x2", "bits8", "bits16", "float4_e2m1fn_x2"),
)
_MADE_OTHERWISE = {
    "_rebuild_sparse_tensor": "torch.sparse",
    "_rebuild_sparse_csr_tensor": "torch.sparse",
    "_rebuild_nested_tensor": "torch.nested",
    "_rebuild_meta_tensor_no_storage": "meta",
}


def _special(make: str) -> Maker:
    return Maker(lambda *_: Special(make))


_PLAIN_CLASSES = (
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list"),
    *("long", "object", "range", "set", "slice", "str", "tuple", "unicode", "xrange"),
)
_LEFT_OUT = Maker(lambda *_: None)
STAND_INS: dict[str, object] = {
    **{f"torch.{name}": Kind(name) for name in (*STORED, *_OTHER_KINDS)},
    **{f"{place}.{name}Storage": Kind(kind) for name, kind in _STORAGES.items()
       for place in ("torch", "torch.cuda", "torch.storage")},
    **{f"torch._utils.{name}": _special(make) for name, make in _MADE_OTHERWISE.items()},
    # Its storage says that it is quantised.
    "torch._utils._rebuild_qtensor": Maker(lambda kept, *_: kept),
    "torch._utils._rebuild_tensor": Maker(_dense),
    "torch._utils._rebuild_tensor_v2": Maker(_dense),
    "torch._utils._rebuild_tensor_v3": Maker(_typed),
    "torch._utils._rebuild_parameter": Maker(lambda tensor, *_: tensor),
    "torch._utils._rebuild_parameter_with_state": Maker(lambda tensor, *_: tensor),
    "torch._tensor._rebuild_from_type_v2": Maker(_with_attributes),
    "torch.Size": Maker(lambda sizes: sizes),
    **dict.fromkeys(
        ("torch.Tensor", "torch.nn.parameter.Parameter", "torch.device", "torch.per_tensor_affine",
         "torch.per_channel_affine", "torch.serialization._get_layout", "collections.Counter"),
        _LEFT_OUT,
    ),
    "collections.OrderedDict": Maker(_ordered),
    "collections.defaultdict": Maker(lambda *_: {}),
    **{f"{place}.{name}": _LEFT_OUT for place in ("builtins", "__builtin__")
       for name in _PLAIN_CLASSES},
    "_codecs.encode": Maker(_text),
    "numpy.ndarray": _LEFT_OUT,
    "numpy.dtype": Maker(NumpyType),
    **{f"numpy.{core}.multiarray._reconstruct": Maker(NumpyArray) for core in ("core", "_core")},
    **{f"numpy.{core}.numeric._frombuffer": Maker(_from_buffer) for core in ("core", "_core")},
}  # fmt: skip
