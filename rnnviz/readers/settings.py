"""Settings that a file, or one beside it, gives beside its weights: `nonlinearity: "relu"`.

Hyper-parameters in a checkpoint (a dict, a Namespace, Lightning's `hyper_parameters`), the metadata
of a safetensors file, texts in an `.npz`, and a `config.json` or the like beside the model. What
they say and the arrays cannot show is evidence; what contradicts the arrays is asked about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.readers.result import Source
from rnnviz.readers.torch.stand_in import StandIn, UnknownGlobal

_RECURRENT = r"(?:rnn|lstm|gru|cell|recurrent|recurrent_layer|encoder|decoder|hidden)_?"
_SIZE = r"_?(?:size|sizes|dim|units|channels|features|width|state_size)"
_KEYS = {
    "nonlinearity": rf"(?:{_RECURRENT})?non_?linearity|(?:rnn|recurrent|cell)_?(?:activation|act)",
    "activation": r"activation|activation_(?:fn|func|function)|hidden_act|hidden_activation",
    "recurrent_activation": r"(?:recurrent|gate|inner)_activation",
    "forget_bias": r"forget_bias",
    "reset_after": r"reset_after",
    "cell": rf"(?:{_RECURRENT}|unit_?|layer_?|model_?|net_?)(?:type|kind|cell|name|class|mode|unit)"
    r"|rnn|cell|mode|arch|architecture|model",
    "units": rf"(?:{_RECURRENT})?hidden{_SIZE}|n_?hid|n_?hidden|hidden|(?:num_)?units|d_hidden"
    rf"|(?:rnn|lstm|gru){_SIZE}|hidden_size_(?:rnn|lstm|gru)",
    "levels": rf"(?:num|n)_?(?:{_RECURRENT})?layers?|nlayers|(?:{_RECURRENT})(?:num_|n_)?layers",
    "bidirectional": rf"(?:is_|use_|{_RECURRENT})?bi_?directional|(?:use_)?bi_?(?:rnn|lstm|gru)",
    "projection": r"proj_size|projection_size|num_proj|lstm_proj_size",
    "changes": r"(?:use_|with_|is_|has_|do_|rnn_|lstm_|gru_)*(?:residuals?|residual_connections?"
    r"|skip_connections?|highway|layer_?norm|ln|peepholes?|zone_?out|cell_clip|proj_clip)",
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _KEYS.items()}
_NAMES_BESIDE = ("config", "model_config", "hparams", "hyperparameters", "params", "args")
_FIELDS = re.compile(
    r"^[ \t]*[\"']?(\w+)[\"']?[ \t]*[:=][ \t]*[\"']?([\w.+-]+)[\"']?[ \t\r]*(?:#.*)?$", re.MULTILINE
)
_MAX_BYTES, _MAX_PLACES, _MAX_DEPTH, _MAX_TEXT = 1_000_000, 10_000, 6, 100
PlainValue = str | int | float | bool


@dataclass(frozen=True)
class HyperParameter:
    """One setting: what it is about, its path where it stands, and its value.

    name  "nonlinearity", "cell", "units", "levels", "bidirectional", "projection", "changes", …
    """

    name: str
    path: str
    value: PlainValue

    def __str__(self) -> str:
        return f"{self.path}: {self.value}"


@dataclass(frozen=True)
class HyperParameters:
    """Settings that stand together.

    is_beside  whether in a file beside the model, which may belong to another one.
    """

    entries: tuple[HyperParameter, ...]
    is_beside: bool = False

    def named(self, name: str) -> tuple[HyperParameter, ...]:
        """Those that are about one thing."""
        return tuple(each for each in self.entries if each.name == name)


def settings_in(
    root: object, name: str = "", *, is_beside: bool = False
) -> Iterator[HyperParameters]:
    """Settings among what a file holds beside its arrays, those of each dict together.

    >>> [str(each) for found in settings_in({"epoch": 3, "hparams": {"nonlinearity": "relu"}})
    ...  for each in found.entries]
    ['hparams.nonlinearity: relu']
    """
    seen: set[int] = set()
    queue: list[tuple[str, Any, int]] = [(name, root, 0)]
    for path, node, depth in queue:
        if id(node) in seen or depth > _MAX_DEPTH:
            continue
        seen.add(id(node))
        entries: list[HyperParameter] = []
        for key, value in _entries(node):
            own = f"{path}.{key}".strip(".")[-_MAX_TEXT:]
            if (plain := _plain(value)) is None:
                if len(queue) < _MAX_PLACES:
                    queue.append((own, value, depth + 1))
            else:
                entries += (HyperParameter(about, own, plain) for about in _about(key))
        if entries:
            yield HyperParameters(tuple(entries), is_beside)


def settings_beside(source: Source) -> Iterator[HyperParameters]:
    """Settings in a `config.json`, `hparams.yaml` or the like beside a model.

    A file that cannot be read as one is passed over.
    """
    for name in (f"{stem}{end}" for stem in _NAMES_BESIDE for end in (".json", ".yaml", ".yml")):
        data = source.sibling(name) if name != source.name else None
        if data is not None and len(data) <= _MAX_BYTES:
            yield from settings_in(_content(name, data), name, is_beside=True)


def _content(name: str, data: bytes) -> object:
    try:
        text = data.decode("utf-8-sig")
        # Of YAML the plain lines `name: value` are enough.
        return json.loads(text) if name.endswith(".json") else dict(_FIELDS.findall(text))
    except (ValueError, RecursionError):
        return None


def _about(key: str) -> Iterable[str]:
    return (name for name, pattern in _PATTERNS.items() if pattern.fullmatch(key))


def _entries(node: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(node, StandIn):
        states = node.states()
        return [pair for each in (*states, node.entries) for pair in _entries(each)]
    if isinstance(node, str) and node.lstrip().startswith("{"):
        return _entries(_content(".json", node[:_MAX_BYTES].encode(errors="replace")))
    if isinstance(node, Mapping):
        short = (pair for pair in node.items() if isinstance(pair[0], str))
        return [(key, value) for key, value in short if len(key) <= _MAX_TEXT]
    return ()


def _plain(value: Any) -> PlainValue | None:
    """A text, a number or a class as its name; None for all else."""
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], str):
        value = value[0]  # a text of NumPy's
    if isinstance(value, UnknownGlobal):
        value = value.name.rpartition(".")[2]
    if isinstance(value, str):
        text = value.strip()
        return _of_text(text) if len(text) <= _MAX_TEXT and not text.startswith("{") else None
    return value if type(value) in (bool, int, float) else None


def _of_text(text: str) -> PlainValue:
    """The value that a text of metadata or of YAML stands for."""
    known = {"true": True, "false": False}
    if text.lower() in known:
        return known[text.lower()]
    return int(text) if re.fullmatch(r"\d{1,9}", text) else text
