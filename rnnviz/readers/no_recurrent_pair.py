"""Files no two matrices of which can be a recurrent layer: plain networks and Transformers.

A layer has (gates · unit, input) and (gates · unit, unit), or one matrix for each gate, stored
either way round. Attention has square matrices too, so that its blocks are known by their names:
torch.nn.MultiheadAttention, Hugging Face's BERT, GPT-2 and Llama, Keras' MultiHeadAttention.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from rnnviz.core.arrays import Shapes
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.embedding_readout import is_around

_MOST_GATES = 4
_MOST_LEVELS = 64
_RECURRENT = re.compile(
    r"rnn|lstm|gru|cell|recurr|gate(?!_proj|_up_proj)|state|hidden(?!_layer)|i2h|x2h|h2h|[hiux]h\b|kernel_h",
    re.IGNORECASE,
)
_ATTENTION = re.compile(
    r"(?P<block>(?:.*?[./])?)(?:\w*(?:attn|attention)\w*|mha|in_proj_weight|[qkv]_proj)(?:[./].*)?",
    re.DOTALL | re.IGNORECASE,
)
_IN_BLOCK = re.compile(
    r"(?:\w*norm\w*|ln\w*|mlp|ff\w*|feed_forward\w*|intermediate|output|dense\w*|fc\d?|linear\d?"
    r"|layer_scale\w*|adapter\w*)(?:[./].*)?",
    re.DOTALL | re.IGNORECASE,
)
_FORWARD = re.compile(
    r"fc\w*|lin(?:ear)?_?\d*|dense\w*|layers?|net(?:work)?|mlp|model|features?|classifier|head\w*"
    r"|out(?:put)?\w*|seq(?:uential)?(?:_\d+)?|blocks?|\w*norm\w*|bn\d*|module|main|actor|critic|policy",
    re.IGNORECASE,
)
_ROLES = {"weight", "bias", "kernel", "gamma", "beta", "vars", "0", "running_mean", "running_var"}


def no_recurrent_pair(shapes: Shapes, source: str) -> ModelError | None:
    """Error for a file that can hold no recurrent layer; None where a user may name its arrays.

    >>> shapes = {"fc1.weight": (12, 30), "fc1.bias": (12,), "fc2.weight": (5, 12)}
    >>> str(no_recurrent_pair(shapes, "net.pt")).partition(":")[0]
    '“net.pt” holds no recurrent layer'
    """
    if any(map(_RECURRENT.search, shapes)):
        return None
    attention = {name for name in shapes if _ATTENTION.fullmatch(name)}
    if attention:
        return _transformer(shapes, attention, source)
    matrices = {name: shape for name, shape in shapes.items() if len(shape) == 2}
    is_open = any(len(shape) == 3 for shape in shapes.values()) or not matrices
    if is_open or _has_pair(matrices) or not all(map(_is_forward, matrices)):
        return None
    joined = next((name for name, (rows, columns) in matrices.items() if rows != columns), None)
    if joined is None:
        return None
    rows, columns = matrices[joined]
    return ModelError(
        "“{source}” holds no recurrent layer: no two of its matrices, “{name}” {shape} and"
        " {others} more, have the shapes of one, (gates · unit, input) and (gates · unit, unit);"
        " open the file of another model, or, where one matrix reads input and state together, say"
        ' so, as in read_model(path, names={{"{name}": "{slot}"}}, activation="tanh").',
        source=shown(source, 80),
        name=shown(joined, 80),
        shape=shapes[joined],
        others=len(matrices) - 1,
        slot="hidden.xh" if rows < columns else "hidden.xh.T",
    )


def _transformer(shapes: Shapes, attention: set[str], source: str) -> ModelError | None:
    blocks = {_ATTENTION.fullmatch(name)["block"] for name in attention}  # type: ignore[index]
    rest = {
        name: shape
        for name, shape in shapes.items()
        if name not in attention and not _is_in_block(name, blocks) and not _is_named_around(name)
    }
    if _has_pair({name: shape for name, shape in rest.items() if len(shape) == 2}):
        return None
    return ModelError(
        "“{source}” holds no recurrent layer: its blocks are attention (“{name}”), as of a"
        " Transformer, which has no state from step to step; open a network of torch.nn.LSTM, GRU"
        ' or RNN in its place, saved with torch.save(model.state_dict(), "weights.pt").',
        source=shown(source, 80),
        name=shown(min(attention), 80),
    )


def _is_named_around(name: str) -> bool:
    return name.endswith("weight") and bool(is_around(name))


def _is_in_block(name: str, blocks: set[str]) -> bool:
    """True for a norm or a feed-forward layer beside an attention in its block."""
    return any(
        name[:end] in blocks and _IN_BLOCK.fullmatch(name, end)
        for end in (0, *(y.end() for y in islice(re.finditer(r"[./]", name), _MOST_LEVELS)))
    )


def _has_pair(matrices: Shapes) -> bool:
    """True when a matrix can be the recurrent one and another, by its size, the input's beside."""
    holders = Counter(size for shape in matrices.values() for size in set(shape))
    return any(
        holders[size] - (size in shape) > 0
        for shape in matrices.values()
        for size in _gated_sizes(*shape)
    )


def _gated_sizes(rows: int, columns: int) -> Iterator[int]:
    """Gates · unit of a recurrent matrix of this shape, and of one gate alone."""
    for whole, units in ((rows, columns), (columns, rows)):
        if units and whole in range(units, _MOST_GATES * units + 1, units):
            yield whole
            if whole == units:
                yield from (gates * units for gates in range(2, _MOST_GATES + 1))


def _is_forward(name: str) -> bool:
    """True for the matrix of a plain layer by its name: “fc1.weight”, “net.0.weight”."""
    words = [word for word in re.split(r"[./:]", name) if not word.isdigit() and word not in _ROLES]
    return not words or bool(_FORWARD.fullmatch(words[-1]))
