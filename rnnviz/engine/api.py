"""The one call that most people make: `rnnviz.trace`.

The engine is imported when it is first called, so that `import rnnviz` costs little beside NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rnnviz.core.backend import get_backend
from rnnviz.core.sequence import Sequence, as_sequence
from rnnviz.engine.trace import Trace
from rnnviz.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from rnnviz.core.arrays import Array
    from rnnviz.core.backend import Tensor
    from rnnviz.engine.steps import Step
    from rnnviz.interventions.types import Intervention
    from rnnviz.network.model import Model


def trace(
    model: Model | Any,
    sequence: Sequence | ArrayLike | Any,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    preactivations: bool = False,
    drives: bool = False,
    intervene: Iterable[Intervention] = (),
    initial: Any = None,
    path: str = "",
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    call: int | None = None,
) -> Trace:
    """Every gate and every state of every layer at every timestep.

    model           a Model; or a live `torch.nn` recurrent layer or cell, or a module that holds
                    one, which runs its own forward, so that what lies before and behind the layer
                    counts, and is left exactly as it was.
    sequence        a Sequence; a plain array (time, batch, feature) or (time, feature); or token
                    ids, whole numbers (time, batch) or (time,), for a model with an embedding.
                    For a module what the module takes: tensors of any type on any device, (batch,
                    time, feature) with `batch_first`, token ids, a PackedSequence, a nested
                    tensor, or a tuple of all its arguments, `(x, (h0, c0))`. A Sequence is (time,
                    batch, feature) whatever the module's `batch_first`.
    backend         "numpy" or "torch"; `device` is Torch's. A module runs where it is.
    preactivations  also keep each gate's sum before its activation; `drives` is its earlier name.
    intervene       what is done to the network while it reads: rv.Clamp, rv.Silence, rv.SetState,
                    rv.AddToState, rv.Reset, rv.ChangeWeight; nothing unless asked for.
    initial         states that the layers start from, by name: {"hidden": …, "cell": …}, each
                    (layer, batch, unit), or (unit,) or (batch, unit) for a single layer. For a
                    module also in torch's own form, h0 or (h0, c0).
    path            which recurrent layer of a module that runs several: "encoder.rnn".
    args, kwargs    further arguments of a module's forward: lengths, a hidden state, …
    call            which call of a layer that a module calls several times, from 0; of a cell, of
                    which every step is a call, which loop. All calls are one sequence where each
                    goes on from the states that the last one left.

    A module's trace is compared with what the module gave: `trace.certainty`. What was taken
    without proof gives one AssumptionWarning: a module in training mode is traced in evaluation
    mode, a layer of a module without a forward reads the values itself, …

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

    options: dict[str, Any] = {
        "backend": backend,
        "device": device,
        "preactivations": preactivations or drives,
        "intervene": intervene,
    }
    if _is_model(model):
        _refuse_module_options(path, args, kwargs, call)
        return trace_model(_started(model, initial), sequence_for_model(sequence, model), **options)
    from rnnviz.engine.live import trace_live
    from rnnviz.readers.torch.live_arguments import Given
    from rnnviz.readers.torch.live_run import run_live

    get_backend(backend, device)
    run = run_live(model, Given(sequence, path, initial, tuple(args), kwargs or {}, call))
    return trace_live(run, stacklevel=2, **options)


def steps(
    model: Model | Any,
    sequence: Sequence | ArrayLike | Any,
    *,
    backend: str = "numpy",
    device: str = "cpu",
    intervene: Iterable[Intervention] = (),
    initial: Any = None,
    path: str = "",
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    call: int | None = None,
) -> Iterator[Step]:
    """Timesteps of a model one at a time, an iterator of `rnnviz.Step`; arguments as in `trace`.

    On the "torch" back end the arrays of a step are tensors, and when `sequence` is a tensor that
    requires a gradient, they keep theirs with respect to it, through all that a module puts in
    front of its layer.

    >>> import rnnviz as rv
    >>> model = rv.random_model("gru", n_inputs=1, n_units=2)
    >>> [step.signals["update"].shape for step in rv.steps(model, [[[0.1]], [[0.2]]])]
    [(1, 2), (1, 2)]
    """
    from rnnviz.engine.steps import iterate_steps

    options: dict[str, Any] = {"backend": backend, "device": device, "intervene": intervene}
    if _is_model(model):
        _refuse_module_options(path, args, kwargs, call)
        inputs = _as_inputs(sequence) if backend == "torch" else None
        started = _started(model, initial)
        return iterate_steps(started, sequence_for_model(sequence, model), inputs=inputs, **options)
    from rnnviz.engine.live import check_live
    from rnnviz.readers.torch.live_arguments import Given
    from rnnviz.readers.torch.live_run import run_live

    get_backend(backend, device)
    given = Given(sequence, path, initial, tuple(args), kwargs or {}, call)
    run = run_live(model, given, with_gradient=backend == "torch")
    check_live(run, stacklevel=2)
    inputs = run.tensor if backend == "torch" else None
    return iterate_steps(run.model, run.sequence, inputs=inputs, **options)


def _is_model(model: Any) -> bool:
    from rnnviz.network.model import Model

    return isinstance(model, Model)


def _refuse_module_options(
    path: str, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None, call: int | None
) -> None:
    if path or args or kwargs or call is not None:
        raise ModelError(
            "path, args, kwargs and call are for a live module, but a Model came; leave them out."
        )


def _started(model: Model, initial: Any) -> Model:
    """The model with the initial states that are given by name."""
    if initial is None:
        return model
    from rnnviz.network.initial import start_from

    if not isinstance(initial, Mapping):
        raise ModelError(
            "Initial states of a Model are given by name, as in"
            " initial=dict(hidden=states), but {came} came.",
            came=type(initial).__name__,
        )
    return start_from(model, {name: _numbers(value) for name, value in initial.items()})


def _numbers(value: Any) -> Any:
    from rnnviz.readers.torch.numbers import as_array

    return list(map(as_array, value)) if isinstance(value, list | tuple) else as_array(value)


def sequence_for_model(values: Any, model: Model) -> Sequence:
    """Sequence from itself, a plain array, tensors, or token ids of a model with an embedding."""
    if isinstance(values, Sequence):
        return values
    if model.embedding is not None and (ids := _token_ids(values)) is not None:
        from rnnviz.network.token_ids import embed_token_ids

        return embed_token_ids(model.embedding, ids, model.vocabulary)
    parts = values if isinstance(values, list) else [values]
    if not any(hasattr(part, "detach") or hasattr(part, "batch_sizes") for part in parts):
        return as_sequence(values)
    from rnnviz.readers.torch.layer_inputs import tensor_sequence

    return tensor_sequence(values)


def _token_ids(values: Any) -> Array | None:
    """Whole numbers (time,), (time, batch) or (time, batch, 1); None for anything else."""
    from rnnviz.readers.torch.live_arguments import are_token_ids
    from rnnviz.readers.torch.numbers import as_array

    if not are_token_ids(values):
        return None
    ids = as_array(values)
    return ids[..., 0] if ids.ndim == 3 and ids.shape[2] == 1 else ids if ids.ndim < 3 else None


def _as_inputs(values: Any) -> Tensor | None:
    """A tensor with a gradient, which a Sequence cannot hold, (time, batch, feature)."""
    if not getattr(values, "requires_grad", False):
        return None
    return values if values.ndim == 3 else values[:, None, :]
