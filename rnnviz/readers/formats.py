"""Format of a model file, by its content first and by its suffix second.

Signatures: ZIP, APPNOTE 4.3.7; HDF5, Format Specification III.A; safetensors, an eight-byte length
and a JSON object; PyTorch before 1.6, a pickle of its own magic number; pickle, its PROTO opcode;
tar, `ustar` at byte 257 (POSIX.1-1988); gzip, RFC 1952; TensorFlow Lite, the identifier of its
FlatBuffer schema at byte 4. ONNX has none.
"""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import PurePath
from zipfile import BadZipFile, ZipFile

from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.result import Source
from rnnviz.readers.shards import is_index, is_shard
from rnnviz.readers.vocabulary import is_vocabulary_name

MAX_ZIP_MEMBERS = 100_000
_HDF5 = b"\x89HDF\r\n\x1a\n"
# Attributes of Keras 1 and 2, and the group of a layer's variables in Keras 3 as a heap of names
# holds it.
_OF_KERAS = (b"layer_names", b"keras_version", b"model_config", b"\0vars\0")
_SIGNATURES = {
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.": "checkpoint",
    b"\x1f\x8b\x08": "gzip",
}
_ZIP = b"PK\x03\x04"
_ZIP_MEMBER = b"PK\x01\x02"  # APPNOTE 4.3.12, once per member
_PROTOCOLS = tuple(b"\x80%c" % protocol for protocol in range(2, 6))
_SUFFIXES = {
    **dict.fromkeys((".pt", ".pth", ".bin", ".ckpt", ".tar"), "checkpoint"),
    **dict.fromkeys((".pkl", ".pickle", ".pdparams"), "checkpoint"),
    ".safetensors": "safetensors",
    ".onnx": "onnx",
    ".keras": "keras",
    ".h5": "keras",
    ".hdf5": "keras",
    ".npz": "npz",
    ".zip": "zip",
}
MODEL_SUFFIXES = tuple(_SUFFIXES)
# Of files that hold a model file, and of programs, whose refusal says what to save instead.
OTHER_SUFFIXES = (".th", ".gz", ".tgz", ".pt2", ".tflite", ".pb")
PROGRAM_FILE = "saved_model.pb"
# Parts of a checkpoint of TensorFlow (`tf.train.Saver`); its index is a table of LevelDB.
_TENSORFLOW = re.compile(
    r"(?P<prefix>.+)\.(?:index|meta|data-\d{5}-of-\d{5}|tempstate.*)", re.DOTALL
)
_TABLE_END = bytes.fromhex("57fb808b247547db")


def format_of(source: Source) -> str:
    """Name of the format: "checkpoint", "safetensors", "onnx", "keras", "hdf5" of another
    program than Keras, "npz", "zip", "shards", ….

    Raises ModelError for a file of no known format, and for a program that holds no weights by
    name, with what its owner saves instead.

    >>> format_of(Source("model.onnx", b"\\x08\\x08"))
    'onnx'
    """
    if is_shard(source.name):
        return "shards"
    _refuse_tensorflow(source)
    suffix = PurePath(source.name).suffix.lower()
    kind = _by_content(source.data, suffix) or _SUFFIXES.get(suffix, "")
    if kind in ("tflite", "saved_model", "exported"):
        raise program_error(source.name, kind)
    if kind == "zip" and not source.data.startswith(_ZIP):
        kind = ""
    if not kind and suffix == ".txt" and is_vocabulary_name(PurePath(source.name).stem):
        raise ModelError(
            "“{name}” is a list of tokens, not a model; open it together with its model file, or"
            " read it as a text.",
            name=shown(source.name),
        )
    if not kind:
        raise ModelError(
            "“{name}” should be a model file ending in {suffixes}, but its content is of none of"
            " these formats; save it as one.",
            name=shown(source.name),
            suffixes=" ".join(MODEL_SUFFIXES),
        )
    return kind


def _refuse_tensorflow(source: Source) -> None:
    """Raise ModelError for a part of a checkpoint of TensorFlow, which is read there by name."""
    found = _TENSORFLOW.fullmatch(source.name)
    is_table = source.data.endswith(_TABLE_END)
    is_list = source.name == "checkpoint" and source.data.startswith(b"model_checkpoint_path")
    if not is_list and not is_table and (found is None or _by_content(source.data, "")):
        return
    raise ModelError(
        "“{name}” is a part of a TensorFlow checkpoint, whose variables TensorFlow reads by name;"
        " there, save them as arrays of NumPy: import numpy, tensorflow; reader ="
        ' tensorflow.train.load_checkpoint("{prefix}"); numpy.savez("weights.npz", **{{name:'
        " reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}}).",
        name=shown(source.name),
        prefix="." if is_list or found is None else shown(found["prefix"], 200),
    )


def _by_content(data: bytes, suffix: str) -> str:
    if data.startswith(_ZIP):
        return _by_members(data, suffix)
    if data.startswith(_HDF5):
        return "keras" if any(mark in data for mark in _OF_KERAS) else "hdf5"
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    if data[257:262] == b"ustar":
        return "tar"
    if data[4:8] == b"TFL3":
        return "tflite"
    if suffix == ".pb":
        return "saved_model"
    if is_index(data):
        return "shards"
    length = int.from_bytes(data[:8], "little")
    if data[8:9] == b"{" and 2 <= length <= len(data) - 8:
        return "safetensors"
    return "checkpoint" if data.startswith(_PROTOCOLS) and data.endswith(b".") else ""


def _by_members(data: bytes, suffix: str) -> str:
    # Before the directory is read, which costs a kilobyte of memory per member.
    if data.count(_ZIP_MEMBER) > MAX_ZIP_MEMBERS:
        return ""
    try:
        with ZipFile(BytesIO(data)) as archive:
            paths = [PurePath(name) for name in archive.namelist()]
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    names = {path.name for path in paths}
    if "data.pkl" in names:
        return "checkpoint"
    if PROGRAM_FILE in names:
        return "saved_model"
    if "serialized_exported_program.json" in names or {"archive_format", "model.json"} <= names:
        return "exported"
    if "config.json" in names and (suffix == ".keras" or "model.weights.h5" in names):
        return "keras"
    if any(name.endswith(".npy") for name in names):
        return "npz"
    models = [path for path in paths if path.suffix.lower() in MODEL_SUFFIXES]
    return "zip" if models else "keras" if "config.json" in names else ""


def program_error(name: str, kind: str) -> ModelError:
    """Error for a program: "exported" by PyTorch, "tflite" or "saved_model" of TensorFlow."""
    if kind == "exported":
        return ModelError(
            "“{name}” should hold a model's weights, but it is a program of torch.export; save its"
            ' weights with torch.save(torch.export.load("{name}").state_dict, "weights.pt").',
            name=shown(name, 200),
        )
    return ModelError(
        "“{name}” should hold a model's layers and weights, but it is a program of {maker}, which"
        " does not say which is which; where the Keras model is, save it with"
        ' model.save("model.keras").',
        name=shown(name),
        maker={"tflite": "TensorFlow Lite", "saved_model": "TensorFlow (SavedModel)"}[kind],
    )
