"""A Keras file of any of its formats ▶ configuration, version, weights and vocabularies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.archive import Archive, open_archive
from rnnviz.readers.hdf5 import HDF5Contents, read_hdf5
from rnnviz.readers.keras.keras_1 import as_keras_2
from rnnviz.readers.keras.legacy import by_layer
from rnnviz.readers.keras.writer import KerasWriter
from rnnviz.readers.result import Source

Config = Mapping[str, Any]
MAX_CONFIG = 4_000_000  # characters; its lists and objects take thirty times as much
_MAX_TABLE = 20_000_000
WEIGHTS_MEMBER = "model.weights.h5"
"""The member of a `.keras` archive that holds the numbers."""

_HALF = "_layer_checkpoint_dependencies/"  # what "layers/" was called in Keras 2.12


@dataclass(frozen=True, eq=False)
class KerasFile:
    """Content of a Keras file.

    config      the outermost model, None for weights alone.
    version     of the Keras that wrote it, "" where it is not said.
    arrays      by path.
    names       arrays of a layer in order, by the layer's name; only in the legacy format.
    texts       vocabularies by path: "layers/string_lookup/vocabulary.txt".
    groups      of arrays, and of layers without weights, in the order in which they were written.
    titles      names that Keras or the user gave, by group: "layers/lstm/vars".
    """

    source: Source
    config: Config | None
    version: str
    arrays: Mapping[str, Array]
    names: Mapping[str, tuple[str, ...]] | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def writer(self) -> KerasWriter:
        """The Keras that wrote it."""
        return KerasWriter(self.version, self.names is not None)


def read_keras_file(source: Source) -> KerasFile:
    """The file by its first bytes: a ZIP archive, else HDF5.

    Raises ModelError for a damaged or hostile one; MissingLibraryError without h5py.
    """
    if source.data.startswith(b"PK"):
        return _archive(source, open_archive(source))
    return _hdf5(source, read_hdf5(source))


def _archive(source: Source, archive: Archive) -> KerasFile:
    if "config.json" not in archive or WEIGHTS_MEMBER not in archive:
        raise ModelError(
            "“{name}” should be a .keras archive with config.json and {weights}, but it holds"
            " {came}; save the model again with Keras.",
            name=shown(source.name),
            weights=WEIGHTS_MEMBER,
            came=shown(", ".join(archive), 120),
        )
    text = _text(source, archive, "config.json", MAX_CONFIG)
    metadata = "{}"
    if "metadata.json" in archive:
        metadata = _text(source, archive, "metadata.json", MAX_CONFIG)
    held = read_hdf5(Source(source.name, archive.read(WEIGHTS_MEMBER)))
    if "layer_names" in held.attributes.get("", {}):
        # What `save_weights` of Keras 1 and 2 wrote, put together with its configuration here.
        return _hdf5(source, held, text)
    arrays = {path.replace(_HALF, "layers/"): array for path, array in held.arrays.items()}
    texts = {
        name.removeprefix("assets/"): _text(source, archive, name, _MAX_TABLE)
        for name in archive
        if re.fullmatch(r"assets/.+/vocabulary\.txt", name)
    }
    version = str(_json(source, metadata).get("keras_version", ""))
    return KerasFile(source, _json(source, text), version, arrays, None, texts)


def _hdf5(source: Source, held: HDF5Contents, beside: str | None = None) -> KerasFile:
    root = held.attributes.get("", {})
    text = root.get("model_config", beside)
    if text is None and "layer_names" not in root and "model_weights" not in held.attributes:
        return _weights_of_keras_3(source, held)
    config = None if text is None else _json(source, str(text))
    inside = held.attributes.get("model_weights", {})
    prefix, holder = ("model_weights/", inside) if inside else ("", root)
    said = (root, holder, config or {})
    version = str(next((y["keras_version"] for y in said if y.get("keras_version")), ""))
    listed = {
        layer: tuple(
            f"{prefix}{layer}/{name}"
            for name in _listed(held.attributes.get(prefix + layer, {}), "weight_names")
        )
        for layer in _listed(holder, "layer_names")
    }
    names, arrays = as_keras_2(listed, held.arrays)
    return KerasFile(source, config, version, arrays, names if text else by_layer(names))


def _weights_of_keras_3(source: Source, held: HDF5Contents) -> KerasFile:
    arrays = {path.replace(_HALF, "layers/"): array for path, array in held.arrays.items()}
    named = ((path, each.get("name")) for path, each in held.attributes.items())
    titles = {path: name for path, name in named if isinstance(name, str)}
    groups = tuple(path.replace(_HALF, "layers/") for path in held.groups)
    return KerasFile(source, None, "", arrays, groups=groups, titles=titles)


def _listed(attributes: Mapping[str, Any], name: str) -> list[str]:
    """A list that Keras cut into `name0`, `name1`, … where it did not fit one attribute."""
    if name in attributes:
        parts = [attributes[name]]
    else:
        numbered = (f"{name}{i}" for i in range(len(attributes)))
        parts = [attributes[key] for key in numbered if key in attributes]
    return [text for part in parts for text in ([part] if isinstance(part, str) else part)]


def _text(source: Source, archive: Archive, name: str, limit: int) -> str:
    if archive.size(name) > limit:
        raise _bad_config(source)
    try:
        return archive.read(name).decode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad_config(source) from error


def _json(source: Source, text: str) -> Config:
    try:
        # As float, because Python refuses integers of more than 4300 digits.
        config = json.loads(text, parse_int=_integer) if len(text) <= MAX_CONFIG else None
        if "\\ud" in text.lower():
            # Half a character is no text, and no page can show it.
            json.dumps(config, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _bad_config(source) from error
    if not isinstance(config, dict):
        raise _bad_config(source)
    return config


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 19 else float(digits)


def _bad_config(source: Source) -> ModelError:
    return ModelError(
        "The configuration in “{name}” should be a JSON object of at most {bound} bytes, but it is"
        " damaged, larger or nested too deep; save the model again with Keras.",
        name=shown(source.name),
        bound=MAX_CONFIG,
    )
