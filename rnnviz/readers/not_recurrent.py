"""Files whose names tell that no recurrent layer of rnnviz's is in them, each in its own sentence.

SRU: `weight_c` beside `weight` (asappresearch/sru, `sru/modules.py`); QRNN: one linear layer of
the gates in every layer (salesforce/pytorch-qrnn, `torchqrnn/qrnn.py`); cuDNN's opaque kernel
(`tf.contrib.cudnn_rnn`); ConvLSTM: one convolution over [x, h] in every cell. Of state-space
models the names of their decay: Mamba (state-spaces/mamba, `modules/mamba_simple.py`), S4
(state-spaces/s4, `models/s4/s4d.py`), LRU (arXiv:2303.06349), RWKV (BlinkDL/RWKV-LM, `model.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rnnviz.core.arrays import Shapes
from rnnviz.core.checks import shown
from rnnviz.errors import ModelError
from rnnviz.readers.embedding_readout import is_around
from rnnviz.readers.no_recurrent_pair import no_recurrent_pair

_SRU = re.compile(r"(?:(?P<path>.*)\.)?weight_c", re.DOTALL)
_QRNN = re.compile(
    r".*rnn.*\.layers\.\d{1,4}\.linear\.(?:weight|module\.weight)(?:_raw)?",
    re.DOTALL | re.IGNORECASE,
)
_DIAGONAL = re.compile(
    r"(?:.*\.)?(?:(?P<Mamba>mixer\.A_log)|(?P<RWKV>att\.time_(?:decay|maa_\w+))"
    r"|(?P<S4>kernel\.(?:log_A_real|log_dt|inv_A_real))|(?P<LRU>nu_log))",
    re.DOTALL,
)
_OPAQUE = re.compile(r".*(?:opaque_kernel|cudnn_params|rnn_params_blob)(?::0)?", re.DOTALL)


def not_recurrent(shapes: Shapes, source: str) -> ModelError | None:
    """Error for a file whose names say what else it is; None where a user may name its arrays.

    >>> str(not_recurrent({"conv.weight": (6, 3, 3, 3)}, "net.pt")).partition(",")[0]
    '“net.pt” should hold a recurrent layer'
    """
    if opaque := next((name for name in shapes if _OPAQUE.fullmatch(name)), None):
        return ModelError(
            "“{source}” holds the weights of cuDNN as one block, “{name}”, whose order only cuDNN"
            " knows; in the program that made it, save the kernel and bias of every gate as arrays"
            " of their own, named as W_i, U_i, b_i.",
            source=shown(source, 80),
            name=shown(opaque, 80),
        )
    kind, name = next(_other_cells(shapes), ("", ""))
    if kind:
        return ModelError(
            "“{source}” holds {kind} layers (“{name}”), which have no recurrent matrix and are none"
            " of rnnviz's cells; open a network of torch.nn.LSTM, GRU or RNN in its place, saved"
            ' with torch.save(model.state_dict(), "weights.pt").',
            source=shown(source, 80),
            kind=kind,
            name=shown(name, 80),
        )
    return _convolutions(shapes, source) or no_recurrent_pair(shapes, source)


def _convolutions(shapes: Shapes, source: str) -> ModelError | None:
    kernels = [name for name, shape in shapes.items() if len(shape) > 2]
    if kernels and not any(_may_be_recurrent(name, shapes) for name in shapes):
        return ModelError(
            "“{source}” should hold a recurrent layer, but its layers are convolutions (“{name}”"
            " {shape}), which cannot be shown; open a network of torch.nn.LSTM, GRU or RNN in its"
            ' place, saved with torch.save(model.state_dict(), "weights.pt").',
            source=shown(source, 80),
            name=shown(kernels[0], 80),
            shape=shapes[kernels[0]],
        )
    return None


def _other_cells(shapes: Shapes) -> Iterator[tuple[str, str]]:
    for name, shape in shapes.items():
        if found := _SRU.fullmatch(name):
            beside = f"{found['path']}.weight" if found["path"] else "weight"
            if len(shape) == 1 and len(shapes.get(beside, ())) == 2:
                yield "SRU", name
        if (found := _DIAGONAL.fullmatch(name)) and found.lastgroup:
            yield found.lastgroup, name
        # Two or three gates: z and f, or z, f and o.
        if _QRNN.fullmatch(name) and len(shape) == 2 and 0 in (shape[0] % 3, shape[0] % 2):
            yield "QRNN", name


def _may_be_recurrent(name: str, shapes: Shapes) -> bool:
    """True for a matrix that is no embedding and no readout by its name."""
    return len(shapes[name]) == 2 and not is_around(name)
