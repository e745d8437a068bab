"""The one call that most people make: `rnnviz.trace`.

The engine is imported when it is first called, so that `import rnnviz` costs little beside NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from rnnviz.core.sequence import Sequence, as_sequence
from rnnviz.engine.trace import Trace

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.backend import Tensor
    from rnnviz.engine.steps import Step
    from rnnviz.interventions.types import Intervention
    from rnnviz.network.model import Model


def trace(
    model: Model | Any,
    sequence: Sequence | ArrayLike,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    preactivations: bool = False,
    drives: bool = False,
    intervene: Iterable[Intervention] = (),
) -> Trace:
    """Every gate and every state of every layer at every timestep.

    model           a Model, or a live `torch.nn` recurrent layer or cell, or a module that holds
                    one.
    sequence        a Sequence, or a plain array (time, batch, feature) or (time, feature).
    backend         "numpy" or "torch"; `device` is Torch's.
    preactivations  also keep each gate's sum before its activation; `drives` is its earlier name.
    intervene       what is done to the network while it reads: rv.Clamp, rv.Silence, rv.SetState,
                    rv.AddToState, rv.Reset, rv.ChangeWeight; nothing unless asked for.

    Raises ModelError or InputError when the two do not fit.

    >>> import rnnviz as rv
    >>> model = rv.random_model("lstm", n_inputs=3, n_units=5)
    >>> rv.trace(model, [[[0.1, 0.2, 0.3]]])["forget"].shape
    (1, 1, 5)
    >>> held = rv.trace(model, [[[0.1, 0.2, 0.3]]], intervene=[rv.Clamp("forget", 1)])
    >>> held["forget"].tolist()
    [[[1.0, 1.0, 1.0, 1.0, 1.0]]]
    """
    from rnnviz.engine.run import trace_model

    return trace_model(
        _as_model(model),
        _as_sequence(sequence),
        backend=backend,
        device=device,
        preactivations=preactivations or drives,
        intervene=intervene,
    )


def steps(
    model: Model | Any,
    sequence: Sequence | ArrayLike,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    intervene: Iterable[Intervention] = (),
) -> Iterator[Step]:
    """Timesteps of a model one at a time, an iterator of `rnnviz.Step`; arguments as in `trace`.

    On the "torch" back end the arrays of a step are tensors, and when `sequence` is a tensor that
    requires a gradient, they keep theirs with respect to it.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> [step.signals["update"].shape for step in rv.steps(model, [[[0.1]], [[0.2]]])]
    [(1, 2), (1, 2)]
    """
    from rnnviz.engine.steps import iterate_steps

    return iterate_steps(
        _as_model(model),
        _as_sequence(sequence),
        backend=backend,
        device=device,
        inputs=_as_inputs(sequence) if backend == "torch" else None,
        intervene=intervene,
    )


def _as_sequence(values: Any) -> Sequence:
    return as_sequence(values.detach().cpu().numpy() if hasattr(values, "detach") else values)


def _as_inputs(values: Any) -> Tensor | None:
    """A tensor with a gradient, which a Sequence cannot hold, (time, batch, feature)."""
    if not getattr(values, "requires_grad", False):
        return None
    return values if values.ndim == 3 else values[:, None, :]


def _as_model(model: Any) -> Model:
    from rnnviz.network.model import Model

    if isinstance(model, Model):
        return model
    from rnnviz.readers.torch.module import from_torch

    return from_torch(model)
