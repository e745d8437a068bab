"""A recurrent layer of torch alone, as it is or with hooks ▶ LiveRun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from rnnviz.core.arrays import Array
from rnnviz.core.sequence import Sequence, zero_padding
from rnnviz.network.initial import start_from
from rnnviz.network.token_ids import embed_token_ids
from rnnviz.readers.certainty import Assumption
from rnnviz.readers.torch.layer_inputs import LayerInputs, initial_arrays, layer_inputs
from rnnviz.readers.torch.layer_run import LayerReading, layer_run
from rnnviz.readers.torch.layers import as_recurrent, layer_arrays
from rnnviz.readers.torch.live import LayerAlone, LiveRun, RecordedStates
from rnnviz.readers.torch.live_arguments import Given, are_token_ids, split_layer_arguments
from rnnviz.readers.torch.live_model import changes_in_training, dtype_name, live_model, rounding_of
from rnnviz.readers.torch.live_sequence import live_sequence
from rnnviz.readers.torch.live_watch import Seen, watched_run
from rnnviz.readers.torch.module import read_alone, read_part
from rnnviz.readers.torch.numbers import as_array
from rnnviz.readers.torch.reference import call_layer


def plain_layer(layer: Any, given: Given) -> LiveRun:
    """The run of a layer of torch's own class without hooks.

    It is not run: nothing but its weights and its class says what it computes.
    """
    values, initial = split_layer_arguments(given)
    inputs = layer_inputs(layer, values)
    states = initial_arrays(layer, initial, inputs)
    own, model = read_alone(layer)
    return LiveRun(
        start_from(model, states) if states else model,
        inputs.sequence,
        LayerAlone(own, tuple(states.values())),
        inputs.tensor,
        (*_taken(inputs), *_dropped(layer), *_rounded(layer)),
    )


def hooked_layer(layer: Any, given: Given, *, with_gradient: bool) -> LiveRun:
    """The run of a layer with hooks, parametrised weights or a class made from torch's."""
    values, initial = split_layer_arguments(given)
    inputs = layer_inputs(layer, values)
    states = initial_arrays(layer, initial, inputs)
    arguments = _tensors(layer, inputs, tuple(states.values()))
    call = partial(call_layer, layer, *arguments)
    seen = watched_run(layer, {"": layer}, call, with_gradient=with_gradient)
    run = layer_run("", layer, seen.calls[""])
    read = partial(_read, layer, tuple(states.values()))
    return LiveRun(
        live_model(layer, {"": layer}, {"": run}, seen),
        live_sequence(run, {}, inputs.sequence, inputs.sequence.lengths, read),
        RecordedStates(as_array(run.hidden)),
        run.inputs if run.inputs.requires_grad else None,
        (*_taken(inputs), *_changed(layer, call, seen, run)),
        rounding_of(run),
    )


def _read(layer: Any, states: tuple[Array, ...], sequence: Sequence) -> Array:
    """What reaches the layer behind its hooks when it is given another Sequence."""
    call = partial(call_layer, layer, *_tensors(layer, LayerInputs(sequence), states))
    return as_array(layer_run("", layer, watched_run(layer, {"": layer}, call).calls[""]).inputs)


def _changed(
    layer: Any, call: Callable[[], Any], seen: Seen, run: LayerReading
) -> Iterator[Assumption]:
    """What is not shown: what training mode does, and what hooks make of the hidden states."""
    if changes_in_training(layer, {"": layer}, call, seen):
        yield Assumption("training")
    if run.is_changed:
        yield Assumption("hook", type(layer).__name__)


def _tensors(
    layer: Any, inputs: LayerInputs, states: tuple[Array, ...]
) -> tuple[Any, tuple[int, ...], tuple[Any, ...] | None]:
    """Arguments of `call_layer` in the layer's type and on its device."""
    import torch

    weight, sequence = next(iter(layer.parameters())), inputs.sequence
    place = {"dtype": weight.dtype, "device": weight.device}
    if inputs.tensor is not None:
        values = inputs.tensor.to(**place)
    else:
        values = torch.tensor(zero_padding(sequence.values, sequence), **place)
    start = tuple(torch.tensor(state, **place) for state in states)
    return values, sequence.lengths, start or None


def layer_of_container(module: Any, given: Given) -> LiveRun:
    """The run of a layer that reads the values itself, in a module without a forward of its own."""
    part = read_part(module, given.path)
    layer = module.get_submodule(part.name)
    values, initial = split_layer_arguments(given)
    if part.model.embedding is not None and are_token_ids(values):
        ids = as_array(values)
        steps = ids.T if getattr(layer, "batch_first", False) else ids
        inputs = LayerInputs(embed_token_ids(part.model.embedding, steps))
    else:
        inputs = layer_inputs(layer, values)
    states = initial_arrays(layer, initial, inputs)
    own = as_recurrent(part.name, layer, layer_arrays(part.name, layer))
    taken = (Assumption("layer_alone", part.name), *part.assumptions, *_taken(inputs))
    return LiveRun(
        start_from(part.model, states) if states else part.model,
        inputs.sequence,
        LayerAlone(own, tuple(states.values()), "arithmetic"),
        inputs.tensor,
        (*taken, *_dropped(layer), *_rounded(layer)),
    )


def _taken(inputs: LayerInputs) -> tuple[Assumption, ...]:
    is_open = inputs.is_one_step and inputs.is_batched
    return (Assumption("one_step", str(inputs.sequence.n_rows)),) if is_open else ()


def _dropped(layer: Any) -> tuple[Assumption, ...]:
    has_dropout = getattr(layer, "dropout", 0) and layer.num_layers > 1
    return (Assumption("training"),) if layer.training and has_dropout else ()


def _rounded(layer: Any) -> tuple[Assumption, ...]:
    weight = next(iter(layer.parameters()))
    return (Assumption("rounding", dtype_name(weight)),) if weight.itemsize < 4 else ()
