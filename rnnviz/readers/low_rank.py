"""Low-rank deltas (LoRA) that a file adds to its weights by a scale that it does not give.

PEFT names them `rnn.weight_ih_l0.lora_A.weight` or `rnn.lora_A.default.weight` beside
`rnn.base_layer` (huggingface/peft, `tuners/lora/layer.py`), loralib `rnn.lora_A`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rnnviz.core.arrays import Shapes
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.embedding_readout import is_around
from rnnviz.readers.recurrent import RecurrentModule

_DELTA = re.compile(
    r"(?:(?P<owner>.*?)[._])?lora_?(?:[ab]|down|up|embedding_[ab])(?:[._].*)?",
    re.DOTALL | re.IGNORECASE,
)
_BASE = "base_layer"


def low_rank_deltas(
    shapes: Shapes, modules: Iterable[RecurrentModule], source: str
) -> ModelError | None:
    """Error for a file with deltas of a recurrent layer, an embedding or a readout, or of any
    matrix where it holds no recurrent layer.

    >>> str(low_rank_deltas({"rnn.lora_A": (2, 3)}, (), "a.pt")).partition(", which")[0]
    '“a.pt” holds low-rank deltas (LoRA, “rnn.lora_A”)'
    """
    paths = [module.path for module in modules]
    for name in shapes:
        found = _DELTA.fullmatch(name)
        if found and _matters(found["owner"] or "", paths, shapes):
            return ModelError(
                "“{source}” holds low-rank deltas (LoRA, “{name}”), which are added to the weights"
                " by a scale that it does not give; merge them where the model is, in PEFT with"
                " model = model.merge_and_unload(), and save the weights:"
                ' torch.save(model.state_dict(), "weights.pt").',
                source=shown(source, 80),
                name=shown(name, 80),
            )
    return None


def _matters(owner: str, paths: list[str], shapes: Shapes) -> bool:
    if not paths or is_around(f"{owner}.weight"):
        return True
    return any(_is_of(owner, path, shapes) for path in paths)


def _is_of(owner: str, path: str, shapes: Shapes) -> bool:
    """True when the deltas of an owner change what a layer at a path computes with."""
    bare = path.removesuffix(_BASE).removesuffix(".")
    if not bare:
        return not owner or owner in shapes
    return owner == bare or owner.startswith(f"{bare}.") or bare.startswith(f"{owner}.")
