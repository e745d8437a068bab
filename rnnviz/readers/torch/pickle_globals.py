"""Globals that a checkpoint's pickle may name, and substitutes that only describe values.

The names are those `torch.save` writes for tensors (`torch/_utils.py`, `torch/storage.py`) and
NumPy for arrays (`numpy/_core/multiarray.py`). Each substitute takes constant time whatever its
arguments. Other globals are refused with a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.limits import MAX_PICKLE
from rnnviz.readers.result import Source
from rnnviz.readers.tensors import (
    STORAGE_DTYPES,
    Buffer,
    ByteOrder,
    Latin1Text,
    PickledArray,
    Storage,
    StoredTensor,
    TensorView,
    UnsupportedTensor,
)
from rnnviz.readers.torch.pickle_vm import Constructor, FindClass


@dataclass(frozen=True, eq=False)
class TorchDtype:
    """Number type of a storage or a tensor."""

    name: str


@dataclass(frozen=True, eq=False)
class KeyValuePairs:
    """OrderedDict as Python 2 pickled it: a list of [key, value]."""

    pairs: list[Any]


class NumpyDtypeState:
    """Substitute for `numpy.dtype`: its code, and the byte order of its state."""

    def __init__(self, code: Any, *_: object) -> None:
        self.code = code if isinstance(code, str) else ""
        self.order: ByteOrder = "<"

    def set_state(self, state: Any) -> None:
        """Take the byte order from (version, order, …)."""
        if state[1] == ">":
            self.order = ">"


class NumpyArrayState:
    """Substitute for `numpy.ndarray`, described by its state."""

    def __init__(self, *_: object) -> None:
        self.tensor: StoredTensor | None = None

    def set_state(self, state: Any) -> None:
        """Take (version, shape, dtype, is Fortran order, data)."""
        _, shape, dtype, is_fortran, data = state
        self.tensor = _pickled_array(dtype, shape, is_fortran, data)


def persistent_load(saved: object) -> Storage | UnsupportedTensor:
    """Storage of a persistent ID.

    ("storage", dtype, key, device, count), and in files before PyTorch 1.6 a view (key, start,
    length) of it or None. Raises TypeError or ValueError for another.

    >>> persistent_load(("storage", TorchDtype("float32"), "0", "cpu", 3)).size
    12
    """
    if not isinstance(saved, tuple) or saved[0] != "storage":
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
    if type(constructor) is not Constructor or constructor.build not in _REBUILD_TENSOR:
        raise TypeError
    return constructor.build(*arguments)


def _pickled_array(dtype: Any, shape: Any, is_fortran: Any, data: Any) -> StoredTensor | None:
    if not isinstance(dtype, NumpyDtypeState) or not isinstance(
        data, Latin1Text | bytes | bytearray | str
    ):
        return None
    if dtype.code.startswith("c"):
        return UnsupportedTensor(f"numpy.{dtype.code}")
    name = _NUMPY_DTYPES.get(dtype.code)
    # An array of texts or dates holds no weights.
    return PickledArray(name, dtype.order, shape, bool(is_fortran), data) if name else None


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any) -> StoredTensor | None:
    return _pickled_array(dtype, shape, order == "F", data)


def _latin1_text(text: Any, encoding: Any = "latin1") -> object:
    if type(text) is not str or encoding != "latin1":
        raise TypeError
    return Latin1Text(text)


def _ordered_dict(*pairs: Any) -> object:
    return KeyValuePairs(pairs[0]) if pairs and type(pairs[0]) is list else {}


_REBUILD_TENSOR = (_rebuild_tensor, _rebuild_typed_tensor)
_NUMPY_DTYPES = {
    **{"b1": "bool", "f2": "float16", "f4": "float32", "f8": "float64"},
    **{
        f"{code}{n}": f"{dtype}{8 * n}"
        for code, dtype in (("i", "int"), ("u", "uint"))
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
_UNSUPPORTED_DTYPES = (
    *("complex32", "complex64", "complex128", "qint8", "quint8", "qint32", "quint4x2", "quint2x4"),
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
    *("bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "list"),
    *("long", "object", "range", "set", "slice", "str", "tuple", "unicode", "xrange"),
)
_IGNORED = Constructor(lambda *_: None)
ALLOWED_GLOBALS: dict[str, object] = {
    **{f"torch.{name}": TorchDtype(name) for name in (*STORAGE_DTYPES, *_UNSUPPORTED_DTYPES)},
    **{f"{module}.{name}Storage": TorchDtype(dtype) for name, dtype in _STORAGES.items()
       for module in ("torch", "torch.cuda", "torch.storage")},
    **{f"torch._utils.{name}": _unsupported(type_name)
       for name, type_name in _UNSUPPORTED_REBUILDS.items()},
    # The dtype of its storage says that it is quantised.
    "torch._utils._rebuild_qtensor": Constructor(lambda storage, *_: storage),
    "torch._utils._rebuild_tensor": Constructor(_rebuild_tensor),
    "torch._utils._rebuild_tensor_v2": Constructor(_rebuild_tensor),
    "torch._utils._rebuild_tensor_v3": Constructor(_rebuild_typed_tensor),
    "torch._utils._rebuild_parameter": Constructor(lambda tensor, *_: tensor),
    "torch._utils._rebuild_parameter_with_state": Constructor(lambda tensor, *_: tensor),
    "torch._tensor._rebuild_from_type_v2": Constructor(_rebuild_from_type),
    "torch.Size": Constructor(lambda sizes: sizes),
    **dict.fromkeys(
        ("torch.Tensor", "torch.nn.parameter.Parameter", "torch.device", "torch.per_tensor_affine",
         "torch.per_channel_affine", "torch.serialization._get_layout", "collections.Counter"),
        _IGNORED,
    ),
    "collections.OrderedDict": Constructor(_ordered_dict),
    "collections.defaultdict": Constructor(lambda *_: {}),
    **{f"{module}.{name}": _IGNORED for module in ("builtins", "__builtin__")
       for name in _PLAIN_CLASSES},
    "_codecs.encode": Constructor(_latin1_text),
    "numpy.ndarray": _IGNORED,
    "numpy.dtype": Constructor(NumpyDtypeState),
    **dict.fromkeys(("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"),
                    Constructor(NumpyArrayState)),
    **dict.fromkeys(("numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer"),
                    Constructor(_from_buffer)),
}  # fmt: skip

# Modules that malicious pickles call and no model's class is from.
_HARMFUL = (
    "__builtin__ _io _pickle _posixsubprocess _thread asyncio base64 bdb builtins code codecs "
    "codeop commands ctypes distutils ftplib gc http imp importlib inspect io linecache marshal "
    "multiprocessing nt ntpath operator os pdb pickle pip pkgutil posix posixpath profile pty "
    "pydoc requests runpy setuptools shutil signal site smtplib socket ssl subprocess sys "
    "tempfile threading timeit trace urllib urllib2 venv webbrowser zipimport"
)
_HARMFUL_MODULES = frozenset(_HARMFUL.split())
_HARMFUL_PREFIXES = (
    *("torch.hub", "torch.serialization", "torch.utils.cpp_extension", "numpy.testing"),
)


def find_class(source: Source, allowed: Mapping[str, object], pickle: Buffer) -> FindClass:
    """Function from a global's dotted name to its substitute; it raises ModelError for others.

    >>> find_class(Source("a.pt", b""), {"torch.float32": 4}, b"")("torch.float32")
    4
    """

    def find(name: str) -> object:
        if name in allowed:
            return allowed[name]
        raise forbidden_global(source, name, bytes(pickle[:MAX_PICKLE]))

    return find


def forbidden_global(source: Source, name: str, pickle: bytes) -> ModelError:
    """Error for a pickle that names a global beyond ALLOWED_GLOBALS.

    >>> forbidden_global(Source("a.pt", b""), "os.system", b"").facts["named"]
    'os.system'
    """
    facts = {"name": shown(source.name), "named": shown(name, limit=80)}
    if name == "torch.storage._load_from_bytes":
        return ModelError(
            "“{name}” should be written by torch.save, but pickle.dump wrote its tensors; load it"
            ' where you trust it and save it with torch.save(state_dict, "weights.pt").',
            name=facts["name"],
        )
    if name.split(".")[0] in _HARMFUL_MODULES or name.startswith(_HARMFUL_PREFIXES):
        return ModelError(
            "“{name}” should hold only tensors, but it calls {named} when it is opened, as files"
            " made to do harm do; nothing of it was run. Open it nowhere, and take the weights"
            " from someone you trust.",
            **facts,
        )
    if b"_parameters" in pickle and b"_modules" in pickle:
        return ModelError(
            "“{name}” should hold a model's weights, but it holds the whole module with its class"
            " {named}, which only its own program can load; there, save the weights alone:"
            ' torch.save(model.state_dict(), "weights.pt").',
            **facts,
        )
    return _forbidden_class(pickle, facts)


def _forbidden_class(pickle: bytes, facts: dict[str, str]) -> ModelError:
    # Protocols 2 and 3 write the length of a text before it.
    keys = ("state_dict", "model_state_dict", "model")
    key = next((key for key in keys if b"X%c\0\0\0%s" % (len(key), key.encode()) in pickle), None)
    if key is None:
        return ModelError(
            "“{name}” should hold only tensors, but also holds {named}, which is not opened here"
            ' because opening it runs code; where you trust the file: state = torch.load("{name}",'
            " weights_only=False); torch.save({{k: v for k, v in state.items() if"
            ' torch.is_tensor(v)}}, "weights.pt").',
            **facts,
        )
    return ModelError(
        "“{name}” should hold only tensors, but also holds {named}, which is not opened here"
        ' because opening it runs code; where you trust the file: state = torch.load("{name}",'
        ' weights_only=False); torch.save(state["{key}"], "weights.pt").',
        key=key,
        **facts,
    )
